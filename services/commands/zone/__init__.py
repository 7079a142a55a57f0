"""Zones and lines on cameras' pictures: add, list, remove."""
