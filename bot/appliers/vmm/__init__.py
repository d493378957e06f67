"""To a VMM server by PowerShell: the scripts, and remoting for those who let netmap run them."""
