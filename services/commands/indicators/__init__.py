"""The figures by which the city is judged: list them, and see how each is computed."""
