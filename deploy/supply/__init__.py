"""What the product is made of that others wrote: which parts, whose terms, and whether we may."""
