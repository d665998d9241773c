"""The long evidence runs behind claims that a test of seconds cannot carry. Each module has a `main`."""
