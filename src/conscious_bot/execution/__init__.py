"""From plan to verified action."""
