"""The pictures of README and guide: real runs in the built-in world, looked at with a real browser."""
