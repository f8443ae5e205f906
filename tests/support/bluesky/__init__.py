"""A real Bluesky network for tests, on the loopback interface."""
