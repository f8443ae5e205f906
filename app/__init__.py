"""Processes: serve, the command line, and the wiring where concrete parts meet."""
