"""The label's use cases as tools, one file a noun."""
