"""Commands for people who work on the repository: set-up, locks, generated pages."""
