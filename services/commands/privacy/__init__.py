"""Pictures of people: how long they are kept, what masks them, and erasing them."""
