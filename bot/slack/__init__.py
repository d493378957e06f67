"""The Slack door: Bolt listeners that hand lines to the command table."""
