"""Use cases: the only writers. Every one takes the actor first."""
