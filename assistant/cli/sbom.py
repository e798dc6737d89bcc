"""liveshop sbom: what the service is made of, as a CycloneDX bill or as a list of licences."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from typing import TYPE_CHECKING, Annotated, Any
from uuid import uuid4

import typer

from assistant.cli.console import out

if TYPE_CHECKING:
    from assistant.llm.weights import ModelFile

OURSELVES = "liveshop"
LONGEST_LICENCE = 60


@dataclass(frozen=True)
class Package:
    """An installed distribution, with the names of those it needs here."""

    name: str
    version: str
    licence: str
    needs: tuple[str, ...]

    @property
    def purl(self) -> str:
        """Its package URL (purl-spec, type pypi)."""
        return f"pkg:pypi/{self.name}@{self.version}"


def sbom(
    licences: Annotated[
        bool, typer.Option("--licences", help="a Markdown table of names and licences instead")
    ] = False,
    extra: Annotated[
        list[str] | None, typer.Option(help="also what this extra needs, such as train")
    ] = None,
) -> None:
    """Print a CycloneDX 1.6 bill of what is installed, pinned weights included."""
    from assistant.llm.weights import known

    found = packages(extra or ())
    if licences:
        out.print(licence_table(found, known()), markup=False)
    else:
        out.print(json.dumps(bill(found, known()), ensure_ascii=False, indent=1), markup=False)


def packages(extras: Sequence[str] = ()) -> list[Package]:
    """liveshop, then every installed distribution that it needs, with `extras`, by name.

    What a marker leaves out here, or is not installed, is left out.
    """
    from packaging.requirements import Requirement
    from packaging.utils import canonicalize_name

    found: dict[str, Package] = {}
    # Extras differ by who asks; a distribution is walked again for those not yet seen.
    ahead: list[tuple[str, frozenset[str]]] = [(OURSELVES, frozenset(extras))]
    seen: dict[str, set[str]] = {}
    while ahead:
        name, wanted = ahead.pop()
        new = ({""} | wanted) - seen.setdefault(name, set())
        if not new:
            continue
        seen[name] |= new
        try:
            held = distribution(name)
        except PackageNotFoundError:
            continue
        needs = list(found[name].needs) if name in found else []
        for line in held.requires or ():
            one = Requirement(line)
            if one.marker and not any(one.marker.evaluate({"extra": asked}) for asked in new):
                continue
            needed = canonicalize_name(one.name)
            needs.append(needed)
            ahead.append((needed, frozenset(one.extras)))
        found[name] = Package(name, held.version, licence_of(held), tuple(dict.fromkeys(needs)))
    return sorted(found.values(), key=lambda package: (package.name != OURSELVES, package.name))


def licence_of(held: Distribution) -> str:
    """The licence as the distribution states it: an SPDX expression, a name, or 'unknown'."""
    said = held.metadata
    for field in ("License-Expression", "License"):
        # Some write the whole licence there, under its name.
        text = (said[field] or "").strip().partition("\n")[0].strip()
        if text and len(text) <= LONGEST_LICENCE:
            return text
    marks = [line.rsplit("::", 1)[1].strip() for line in said.get_all("Classifier") or ()
             if line.startswith("License ::")]  # fmt: skip
    return ", ".join(marks) or "unknown"


def bill(found: Sequence[Package], models: Iterable[ModelFile]) -> dict[str, Any]:
    """The CycloneDX 1.6 document (ECMA-424) of packages and pinned model files."""
    own, *others = found
    here = {package.name: package.purl for package in found}
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{uuid4()}",
        "version": 1,
        "metadata": {
            "timestamp": datetime.now(UTC).isoformat(timespec="seconds"),
            "component": _component(own, "application"),
        },
        "components": [*(_component(one, "library") for one in others), *map(_weights, models)],
        "dependencies": [
            {"ref": one.purl, "dependsOn": sorted({here[n] for n in one.needs if n in here})}
            for one in found
        ],
    }


def _component(package: Package, kind: str) -> dict[str, Any]:
    return {
        "type": kind,
        "bom-ref": package.purl,
        "name": package.name,
        "version": package.version,
        "purl": package.purl,
        "licenses": [{"license": {"name": package.licence}}],
    }


def _weights(model: ModelFile) -> dict[str, Any]:
    return {
        "type": "machine-learning-model",
        "bom-ref": f"weights:{model.name}",
        "name": model.name,
        "hashes": [{"alg": "SHA-256", "content": model.sha256}],
        "licenses": [{"license": {"name": model.licence}}],
        "externalReferences": [{"type": "website", "url": model.origin}],
    }


def licence_table(found: Sequence[Package], models: Iterable[ModelFile]) -> str:
    """Name, version and licence of each, as Markdown."""
    rows = [(one.name, one.version, one.licence) for one in found]
    rows += [(model.name, model.sha256[:12], model.licence) for model in models]
    lines = [f"| {' | '.join(cell.replace('|', '/') for cell in row)} |" for row in rows]
    return "\n".join(["| what | version | licence |", "|---|---|---|", *lines])
