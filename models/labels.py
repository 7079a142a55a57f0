"""What detectors can name, by task; every model's classes map onto its task's vocabulary."""

CLASSES = ("person", "two-wheeler", "car", "bus", "truck", "vehicle")
"""The city's: class index (as stored in a message) to name. Append only: indexes are in recorded
streams. A two-wheeler is one object with its riders. A vehicle is one on more wheels, from a model
that does not tell a car from a bus or truck."""

VEHICLES = frozenset({"two-wheeler", "car", "bus", "truck", "vehicle"})

MASKED = ("face", "plate")
"""What is to be made unrecognisable in a picture; never in a message."""

VOCABULARIES = {"detection": CLASSES, "masking": MASKED}
"""By the task of a manifest."""
