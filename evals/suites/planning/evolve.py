"""Which prompts a plan is made with, and which of them may evolve."""

PROMPTS = ("plan",)
EVOLVES = ("plan.reason", "plan.choose")
