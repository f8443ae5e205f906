"""Prompt evolution: gepa searches on training and validation cases; the test set judges once."""
