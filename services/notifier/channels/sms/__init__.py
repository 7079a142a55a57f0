"""Text messages by a gateway over HTTP."""
