"""Telling which guideline a record was written for, by the facts that it names."""

from __future__ import annotations

from collections.abc import Iterable

from guidewright.embedding import GuidelineError, load
from guidewright.rules.reading import Mapping, Node, read_file, read_json, read_yaml

#: Meant where a record names no fact that decides, such as an empty one. It recommends nothing then: whether it applies
#: at all is open, and the answer says so first.
FIRST_GUIDELINE = "retroperitoneal-leiomyosarcoma"


def recognised(path: str, ids: Iterable[str]) -> str | None:
    """The guideline that knows the most of the facts in a patient file; where several do, or none knows any, the first
    guideline if it is one of them, else `None`.
    """
    return recognition(path, ids)[0]


def recognition(path: str, ids: Iterable[str]) -> tuple[str | None, bool]:
    """The guideline that is `recognised`, and whether the facts of the record told it."""
    named = _facts_named(path)
    known: dict[str, int] = {}
    for id in ids:
        try:
            facts = load(id).ready.guideline.facts
        except GuidelineError:
            continue
        known[id] = len(named & facts.keys())
    most = max(known.values(), default=0)
    best = [id for id, number in known.items() if number == most]
    if len(best) == 1:
        return best[0], most > 0
    return (FIRST_GUIDELINE if FIRST_GUIDELINE in best else None), False


def _facts_named(path: str) -> frozenset[str]:
    text, _ = read_file(path)
    if text is None:
        return frozenset()
    is_json = path.endswith(".json") or text.lstrip().startswith("{")
    node, _ = read_json(text, path) if is_json else read_yaml(text, path)
    facts = node.get("facts") if isinstance(node, Mapping) else None
    return frozenset(_paths(facts, "")) if facts is not None else frozenset()


def _paths(node: Node, prefix: str) -> Iterable[str]:
    """Every path of keys: dotted and nested records name the same facts."""
    if isinstance(node, Mapping):
        for key, value in node.entries:
            yield prefix + key.text
            yield from _paths(value, f"{prefix}{key.text}.")
