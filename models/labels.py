"""The city's vocabulary of things a detector can name; every model's classes map onto it."""

CLASSES = ("person", "two-wheeler", "car", "bus", "truck")
"""Class index (as stored in a message) to name. Append only: indexes are in recorded streams."""

VEHICLES = frozenset({"two-wheeler", "car", "bus", "truck"})
