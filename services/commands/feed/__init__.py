"""Feeds: add one of your own, watch the sources of any."""
