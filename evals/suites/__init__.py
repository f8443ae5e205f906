"""Suites that come with the product; adding one is a folder here and a word in this list."""

SHIPPED = ("covers", "lyrics", "planning", "posts")
