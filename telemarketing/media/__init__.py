"""Sound files on disk."""
