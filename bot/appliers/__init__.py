"""Plans to the outside world, one receipt per adapter."""
