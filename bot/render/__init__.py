"""Results into replies: words, text and Block Kit as plain dicts."""
