"""What drives a stage: one partition of it, with and without a broker."""
