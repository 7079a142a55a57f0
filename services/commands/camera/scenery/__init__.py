"""Scenery: what cameras have learned never moves; list, confirm, deny, take back."""
