"""Assessment: what a person needs and whether they want help with it."""
