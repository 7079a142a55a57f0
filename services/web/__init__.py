"""What every process that answers over HTTP shares: connections, TLS, limits, and its problems."""
