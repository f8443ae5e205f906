"""Effects: pure functions on sound, one file per family."""
