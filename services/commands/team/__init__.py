"""Teams: users who see the same wards."""
