"""Sizes of the network that its targets, too, are made for."""

STRIDES = (8, 16, 32)
WIDTH, HEIGHT = 640, 384
"""Of the input, pixels: a 640x360 picture fits unscaled."""
EDGE = 114
"""Grey level around a picture that does not fill the input."""
TOLD = 5
"""How many of the city's classes it tells, from the first: nothing drawn is only a "vehicle"."""
