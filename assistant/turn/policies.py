"""Which policy answers a question: by the goods it is about."""

from __future__ import annotations

from collections.abc import Sequence

from retrieval.catalog import Policy, Product
from retrieval.terms import keys


def policies_for(
    kind: str, product: Product | None, policies: Sequence[Policy], question: str
) -> list[Policy]:
    """The policy of a product's category before the general one; [] where there is none.

    Without a product, the one for the goods that the question names; where it names none and
    there is no general policy, every one of the kind.
    """
    found = [policy for policy in policies if policy.kind == kind]
    if product is None:
        return _named(found, question)
    own = set(product.category.every())
    found = [p for p in found if not p.categories or own.intersection(p.categories)]
    return sorted(found, key=lambda p: (not p.categories, p.id))[:1]


def _named(policies: Sequence[Policy], question: str) -> list[Policy]:
    general = [policy for policy in policies if not policy.categories]
    special = {p.id: _words(p, whole=not general) for p in policies if p.categories}
    # What all of them say tells none apart.
    common = frozenset.intersection(*special.values()) if len(special) > 1 else frozenset[str]()
    asked = keys(question) - common.union(*(_words(p, whole=False) for p in general))
    shared = {key: len(asked & words) for key, words in special.items()}
    most = max(shared.values(), default=0)
    if most and list(shared.values()).count(most) == 1:
        return [policy for policy in policies if shared.get(policy.id) == most]
    return general[:1] or list(policies)


def _words(policy: Policy, *, whole: bool) -> frozenset[str]:
    """The words of a policy's title and categories; of its text too where `whole`."""
    said = [*policy.title.every(), *policy.categories, *(policy.text.every() if whole else ())]
    return frozenset().union(*map(keys, said))
