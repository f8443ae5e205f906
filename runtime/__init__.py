"""Mechanisms with no product nouns: settings, logs, clock, engine, model gateway."""
