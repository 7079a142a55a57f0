"""Sensors and whatever else is no camera: add, list, remove."""
