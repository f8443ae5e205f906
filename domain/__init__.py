"""The nouns of a label, their rules, their errors, and the protocols of the outside world."""
