"""Indicators of the city: a catalogue in YAML, and what readings add to each."""
