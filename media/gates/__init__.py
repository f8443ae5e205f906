"""Objective quality gates for scores and for decoded audio."""
