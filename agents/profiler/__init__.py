"""From a brief to a whole profile."""

from agents.profiler.write import write_profile

__all__ = ["write_profile"]
