"""What the bot knows of its surroundings. Values and pure functions; nothing here commands the body."""
