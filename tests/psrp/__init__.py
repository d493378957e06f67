"""A VMM server to talk to: a PSRP endpoint, enough PowerShell to run our scripts, and an estate."""
