"""What is not as it should be: found, numbered, followed, drawn, hushed."""
