"""Which prompts a post is written with, and which of them may evolve."""

PROMPTS = ("post",)
EVOLVES = ("post.announcement", "post.update")
