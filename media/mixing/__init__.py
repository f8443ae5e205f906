"""Mixing: channel strips, buses, automation, and room for the voice."""
