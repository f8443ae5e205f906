"""Bandits: learn from what came of earlier choices while choosing; every choice can be logged."""
