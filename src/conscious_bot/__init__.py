"""Conscious Bot: a brain for an autonomous Minecraft bot.

The rooms, from the ground up: contracts, game, world, sterling, behavior, memory, body, simulation,
leaves, runtime, registry, planning, execution, cognition, service. A room imports only from those
that stand before it.
"""
