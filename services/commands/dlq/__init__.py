"""Dead letters: list, show, retry."""
