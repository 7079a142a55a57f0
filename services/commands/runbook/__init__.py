"""Runbooks: what is to be done about alerts of each kind, step by step."""
