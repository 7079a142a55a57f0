"""Messages of a Zalo Official Account; not tried against the real service."""
