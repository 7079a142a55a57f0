"""Cameras: add, list, remove, accept a view."""
