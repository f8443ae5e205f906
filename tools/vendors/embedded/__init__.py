"""The embedded engines as providers: each job runs in a child process of its own."""
