"""What authors of leaves test with."""
