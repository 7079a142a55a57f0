"""How good it is, against the truth: vision on the simulated city, video on anybody's footage."""
