"""Public warnings, which take two persons: propose, confirm, withdraw, list."""
