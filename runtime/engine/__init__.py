"""Durable jobs: the DBOS engine and its twin in memory."""
