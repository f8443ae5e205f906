"""The shared mechanisms kept in Redis; each falls back to its twin in process while it is away."""
