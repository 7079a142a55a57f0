"""Policies: who is told of which alerts, and who next while nobody acknowledges."""
