"""Chat services and others by the library Apprise, each message in a process of its own."""
