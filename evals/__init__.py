"""Cases, scorers and gates that tell whether a change made the artists better."""
