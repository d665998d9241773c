"""Creatures: animals and monsters as rows of arrays, moved by kernels, and their dealings with players.

`layout` names the columns and kinds, `motion` moves bodies, `paths` finds ways, `mind` decides, `spawning`
lets them appear and vanish, `ticks` is one tick of all of them; `herd` is what the world holds, `combat` and
`blast` deal blows, `orders` are the operator's commands.
"""
