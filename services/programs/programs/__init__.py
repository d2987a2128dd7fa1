"""Programs: the plan a person agreed to, the places they took, and what they finished."""
