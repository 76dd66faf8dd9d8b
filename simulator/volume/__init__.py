"""Worlds with a year of business in them, as much as is asked for."""

from simulator.volume.year import LAST_DAY, Sizes, generate

__all__ = ["LAST_DAY", "Sizes", "generate"]
