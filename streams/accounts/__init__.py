"""Accounts: for every source and hour, what became of each value that came in."""
