"""Clients of networks and generators behind the domain's protocols."""
