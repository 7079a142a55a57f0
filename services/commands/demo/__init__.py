"""Scripted evenings, played beside the running city."""
