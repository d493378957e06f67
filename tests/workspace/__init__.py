"""The workspace against the real Bolt."""
