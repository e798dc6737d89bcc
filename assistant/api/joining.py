"""A page's modules as one script and its style sheets as one: a request each, not one a file.

The files of ui/ are what browsers read, in a narrow form: a module begins with imports of names
from files beside it and exports what it declares; a style sheet begins with @import. Joined, each
module is a function that runs once, after those it needs, and returns what it exports. Comments on
lines of their own stay behind.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

IMPORT = re.compile(r'^import \{([^}]*)\} from "(\.[^"]+)";\n', re.MULTILINE)
EXPORT = re.compile(
    r"^export ((?:async function\*?|function\*?|class|const|let) (\w+))", re.MULTILINE
)
OTHERWISE = re.compile(r"^(?:import|export)\b.*", re.MULTILINE)
COMMENT = re.compile(r"^[ \t]*(?://.*|/\*(?:[^*]|\*(?!/))*\*/)\n", re.MULTILINE)
SHEET = re.compile(r'^@import "(\.[^"]+)";\n', re.MULTILINE)


def script(path: Path) -> str:
    """The module at `path` with all that it imports, as one script that exports nothing.

    Raises ValueError for an import or export in another form, and for modules that need each other.
    """
    path = path.resolve()
    names = {module: f"module{number}" for number, module in enumerate(_order(path, ()))}
    return "".join(_part(module, path, names) for module in names)


def _order(module: Path, above: tuple[Path, ...]) -> list[Path]:
    """`module` after all that it needs."""
    if module in above:
        raise ValueError(f"{module}: imports itself by way of {above[-1]}")
    found: list[Path] = []
    for _, link in IMPORT.findall(module.read_text(encoding="utf-8")):
        found += _order((module.parent / link).resolve(), (*above, module))
    return list(dict.fromkeys([*found, module]))


def _part(module: Path, entry: Path, names: dict[Path, str]) -> str:
    def taken(found: re.Match[str]) -> str:
        source = names[(module.parent / found[2]).resolve()]
        return f"const {{{found[1].replace(' as ', ': ')}}} = {source};\n"

    text = COMMENT.sub("", IMPORT.sub(taken, module.read_text(encoding="utf-8")))
    exported = [name for _, name in EXPORT.findall(text)]
    text = EXPORT.sub(r"\1", text)
    if odd := OTHERWISE.search(text):
        raise ValueError(f"{module}: {odd[0]!r} is no import or export in the form that is joined")
    place = os.path.relpath(module, entry.parent).replace(os.sep, "/")
    text = text.replace("import.meta.url", f'new URL("{place}", import.meta.url)')
    if module == entry:
        return text
    returned = f"return {{ {', '.join(exported)} }};\n"
    return f"const {names[module]} = (() => {{ // {place}\n{text}{returned}}})();\n"


def style(path: Path) -> str:
    """The style sheet at `path` with what it imports in its place."""

    def taken(found: re.Match[str]) -> str:
        return style(path.parent / found[1])

    return COMMENT.sub("", SHEET.sub(taken, path.read_text(encoding="utf-8")))
