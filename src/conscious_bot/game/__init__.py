"""Facts of Minecraft, per version."""
