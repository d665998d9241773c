"""The picture of the README: a real run in the built-in world, looked at with a real browser."""
