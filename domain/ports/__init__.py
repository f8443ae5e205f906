"""Protocols for the outside world and for upper rooms."""
