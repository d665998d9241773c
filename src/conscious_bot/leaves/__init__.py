"""Verified primitives and the runner that holds them to their word: the only door to a body's hands."""
