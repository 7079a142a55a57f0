"""Cameras: add, list, remove."""
