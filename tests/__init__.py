"""Facts about the bot, each able to fail."""
