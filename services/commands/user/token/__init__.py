"""Your own tokens for programs; after `cityops signin`."""
