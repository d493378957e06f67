"""What use cases return; `result` of a machine-readable answer is one of these, dumped as JSON."""
