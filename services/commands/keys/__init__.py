"""The keys that parts sign their inputs with."""
