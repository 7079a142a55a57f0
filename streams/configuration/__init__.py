"""What is configured: as stages know it, as it is checked, and as it is logged."""
