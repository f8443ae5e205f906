"""Talks with a person: chooses what to do, keeps the window, finds the words."""
