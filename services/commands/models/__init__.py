"""The model registry: list, fetch."""
