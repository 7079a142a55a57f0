"""Overrides: somebody stands in for whoever's turn it is."""
