"""Feeds: one folder each, found by ``registry``; ``feed`` says what a feed is."""
