"""Traces, metrics and what a process tells about its own health."""
