"""What the world does by itself: blocks that fall, flow, break off, grow and wither. Kernels."""
