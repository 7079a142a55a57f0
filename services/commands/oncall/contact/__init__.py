"""Contacts: where people are reached."""
