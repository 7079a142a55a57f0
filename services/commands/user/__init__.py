"""Users: add, list, disable, enable, roles, passwords, sessions and tokens."""
