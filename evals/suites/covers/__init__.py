"""Covers: drawn for artists of many looks, twice, for an artist must not repeat itself."""
