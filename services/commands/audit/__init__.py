"""The audit log: who did what, and whether it is what was written."""
