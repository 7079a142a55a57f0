"""Masks: areas of a picture in which nothing counts; add, list, remove."""
