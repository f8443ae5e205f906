"""Posts: what the announcer writes for each network."""
