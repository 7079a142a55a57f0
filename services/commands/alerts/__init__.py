"""Alerts: list, follow, show, acknowledge, resolve."""
