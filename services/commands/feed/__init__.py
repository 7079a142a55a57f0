"""Feeds: watch their sources."""
