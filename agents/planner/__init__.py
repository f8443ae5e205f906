"""Chooses what the artist does next, among what code allows."""

from agents.planner.plan import ArtistPlanner

__all__ = ["ArtistPlanner"]
