"""Which prompts a song's words are written with, and which of them may evolve."""

# Code also keeps lyrics from copying the prompts that concepts are found with.
PROMPTS = ("lyrics", "song")
EVOLVES = ("lyrics.line", "lyrics.song", "lyrics.critique")
