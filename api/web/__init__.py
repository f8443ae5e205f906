"""Pages for people: the public stage and the operator's pages, rendered on the server."""
