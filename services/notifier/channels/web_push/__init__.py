"""Web push to somebody's browsers and telephones; not tried against a real push service."""
