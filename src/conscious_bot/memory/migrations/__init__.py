"""The history of the store's tables, applied when a journal is opened."""
