"""The numbers by which pages cite their sources: in the order in which a reader first meets them."""

from __future__ import annotations

from collections.abc import Iterator

from guidewright.rules.model import Evidence, Guideline


def references(guideline: Guideline) -> dict[str, int]:
    """A number for each source that supports a rule, a row, an argument or a parameter."""
    found: dict[str, int] = {}
    for evidence in _in_reading_order(guideline):
        for statement in (*evidence.because, *evidence.although):
            found.setdefault(statement.rpartition(".")[0], len(found) + 1)
    return found


def cited(statements: tuple[str, ...], numbers: dict[str, int]) -> tuple[int, ...]:
    """The numbers of the sources of some statements, ascending."""
    return tuple(sorted({numbers[statement.rpartition(".")[0]] for statement in statements}))


def _in_reading_order(guideline: Guideline) -> Iterator[Evidence]:
    seen: set[str] = set()
    for stage in guideline.stages:
        on_page = [rule for step in sorted(stage.steps, key=lambda step: step.box) for rule in step.rules]
        for id in (*on_page, *stage.beside):
            seen.add(id)
            yield guideline.rules[id].evidence
    yield from (rule.evidence for rule in guideline.rules.values() if rule.id not in seen)
    for weighing in guideline.weighings.values():
        yield from (a.evidence for candidate in weighing.candidates for a in candidate.arguments)
    for fact in guideline.facts.values():
        rows = getattr(fact.derivation, "all_rows", getattr(fact.derivation, "rows", ()))
        yield from (row.evidence for row in rows if row.evidence is not None)
    yield from (parameter.evidence for parameter in guideline.parameters.values())
