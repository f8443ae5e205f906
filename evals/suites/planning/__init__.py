"""Planning: what an artist chooses to do today, and why."""
