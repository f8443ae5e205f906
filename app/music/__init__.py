"""A song without an artist: `greenroom music render`."""
