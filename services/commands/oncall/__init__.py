"""On call: who takes turns, who stands in, and where people are reached."""
