"""Channels: by what messages about alerts leave, such as e-mail."""
