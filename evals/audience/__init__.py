"""A simulated audience with known tastes: for tests and studies only, never part of a label.

Real listeners are never replaced or added to by these; whatever is learnt from them is learnt
about the learning, so that it can be held against a truth that no real audience reveals.
"""
