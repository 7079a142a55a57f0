"""Sensors and other sources that are not cameras: add, list, remove; their keys and quality."""
