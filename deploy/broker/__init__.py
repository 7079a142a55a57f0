"""Who may do what at the broker: accounts of the parts, and their rights to topics and groups."""
