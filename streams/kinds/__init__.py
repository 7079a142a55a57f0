"""Kinds of incidents: one module each, found by ``registry``; ``kind`` says what a kind is."""
