"""Scripted evenings that are played beside a running city."""
