"""What the world does by itself: blocks that fall, flow, break off, grow and wither. Kernels.

Left out: fire that spreads, snow and ice that rain and frost make, vines, mushrooms, kelp and stems that
grow, trees of four saplings, waterlogging by flowing water, lava that lights what is near it, crops that
break in the dark. What falls is set down at once where it lands, without a falling creature in between.
"""
