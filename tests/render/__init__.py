"""Results as messages."""
