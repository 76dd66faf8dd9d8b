"""Scenarios: a world to begin with, what happens in it, and what a client should have done."""
