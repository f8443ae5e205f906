"""Clients of music generators behind other people's APIs, one file per vendor."""
