"""Priorities: how urgent alerts are, by a table that supervisors edit."""
