"""What an artist remembers: the interface, vectors, and the scores of retrieval."""
