"""Greenroom's own synthesiser: band-limited wavetables, drums, and the track renderer."""
