"""Readings that are fetched: a part of its own, which asks addresses that somebody else serves."""
