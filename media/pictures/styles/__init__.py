"""One module a style; each names its compositions."""
