"""The JSON API under /api/v1, the public stage and the operator's pages."""
