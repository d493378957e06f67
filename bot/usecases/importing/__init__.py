"""What an inventory changes: it is taken in, all of it or nothing."""
