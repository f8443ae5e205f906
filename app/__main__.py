"""`python -m app` is the `greenroom` command."""

from app.cli.main import main

main()
