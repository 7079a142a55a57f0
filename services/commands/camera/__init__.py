"""Cameras: add, list, remove, accept a view; masks and scenery of their pictures."""
