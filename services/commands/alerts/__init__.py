"""Alerts: list, follow, show, and all that is done to them."""
