"""What the bot can do: the table between plan and body."""
