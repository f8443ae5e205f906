"""Processes: serve, worker, command line, and `wiring`, where concrete parts meet."""
