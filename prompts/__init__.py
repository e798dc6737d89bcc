"""Prompts as files: one Markdown file a prompt, rendered with checked variables."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from importlib.resources import files
from string import Template


class PromptVariablesWrong(Exception):
    """A prompt was rendered with a variable missing, or with one it does not have."""


def render(name: str, **variables: str) -> str:
    """The prompt `name`.md with its `${variables}` filled in.

    Raises PromptVariablesWrong when the variables are not exactly those of the file.
    """
    template = Template((files("prompts") / f"{name}.md").read_text(encoding="utf-8").strip())
    wanted = set(template.get_identifiers())
    if wanted != set(variables):
        missing, extra = sorted(wanted - set(variables)), sorted(set(variables) - wanted)
        raise PromptVariablesWrong(f"prompt {name!r}: missing {missing}, unknown {extra}")
    return template.substitute(variables)


@lru_cache(maxsize=1)
def version() -> str:
    """What names the present wording of all prompts: 12 hexadecimal digits of their SHA-256."""
    found = sorted(
        (file.name, file.read_bytes())
        for file in files("prompts").iterdir()
        if file.name[-3:] == ".md"
    )
    return hashlib.sha256(repr(found).encode()).hexdigest()[:12]
