"""What becomes of people in pictures: masked, sealed, kept for a set time, erased."""
