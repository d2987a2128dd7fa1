"""Intake: who came in, what they agreed to, and when they left."""
