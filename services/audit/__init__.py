"""The audit log: who did what, when, from where and why, in a chain that shows what was altered."""
