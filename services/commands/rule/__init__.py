"""Rules: what raises an incident, where; add, list, show, remove."""
