"""Roles: what each may; roles of this site's own."""
