"""The label over the Model Context Protocol: its artists and tools for other programs' models."""
