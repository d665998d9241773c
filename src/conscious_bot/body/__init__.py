"""The Body port and the adapter that drives mineflayer in a Node process."""
