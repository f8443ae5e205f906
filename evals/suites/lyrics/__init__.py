"""Lyrics: what the songwriter writes for a concept."""
