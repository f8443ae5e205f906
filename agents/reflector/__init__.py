"""Looks back: what happened, how it feels, in the artist's own words."""

from agents.reflector.reflect import AudienceTotals, Reflection, reflect

__all__ = ["AudienceTotals", "Reflection", "reflect"]
