"""Shifts: who is on shift, what they note, and hand-overs with two signatures."""
