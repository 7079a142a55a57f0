"""Figures of the README: taken from files that runs write, and checked against the code."""
