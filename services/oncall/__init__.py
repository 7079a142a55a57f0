"""Who is to be told of what: rotations, policies, and the decisions made by them.

Deciding is pure (``deciding``); ``record`` keeps the one order of all that it went by.
"""
