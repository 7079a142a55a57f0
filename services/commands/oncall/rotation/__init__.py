"""Rotations: people who take turns."""
