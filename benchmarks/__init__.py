"""Commands that measure; `make bench` runs them."""
