"""What was tried against the whole of it, door by door."""
