"""An artist's debut: from a brief to a profile, a mark and a page."""
