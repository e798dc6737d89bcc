"""python -m assistant.cli: the same as the liveshop command."""

from assistant.cli import app

app()
