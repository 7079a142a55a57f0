"""Rules in force: what watches what, what it remembers, and what it proves."""
