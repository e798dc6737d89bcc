"""Importing gradio without the stubs it writes.

gradio parses the source of each of its components at every import, to write a `.pyi` file beside
it for editors: half of the seconds that the import takes, and a write into the installation.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from types import ModuleType

_NAME = "gradio.component_meta"


class _Loader(SourceFileLoader):
    def exec_module(self, module: ModuleType) -> None:
        super().exec_module(module)
        module.__dict__["create_or_modify_pyi"] = lambda *_: None


class _Finder:
    """Finds the one module, and loads it without its stub writer."""

    @staticmethod
    def find_spec(
        name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        spec = PathFinder.find_spec(name, path, target) if name == _NAME else None
        if spec and spec.origin:
            spec.loader = _Loader(name, spec.origin)
        return spec


def without_stubs() -> None:
    """Have the next first `import gradio` of this process write no stubs."""
    if _Finder not in sys.meta_path:
        sys.meta_path.insert(0, _Finder)
