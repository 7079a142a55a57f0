"""What holds for every kind, feed, table, command and route by itself."""
