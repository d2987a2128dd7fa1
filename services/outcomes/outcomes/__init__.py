"""Outcomes: what became of a person after release: yes, no or unknown."""
