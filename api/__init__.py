"""JSON routes, pages and feeds over HTTP."""
