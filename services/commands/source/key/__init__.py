"""Keys by which readings are sent over HTTP: add, list, revoke."""
