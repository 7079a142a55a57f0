"""How good it is, against the truth: vision and sensors of the city, anybody's video and series."""
