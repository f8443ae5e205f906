"""Notation: a score as a lead sheet, and its words in time."""
