"""Hours of everything at once on a whole stack: ``make soak``."""
