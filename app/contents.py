"""How much a guideline holds, and the page of those that ship."""

from __future__ import annotations

from collections.abc import Iterable

from guidewright.document import Block, Document, Item, Paragraph, Span, said
from guidewright.rules.model import Fact, Guideline, Score, Table


def contents_of(guideline: Guideline) -> dict[str, int]:
    """Numbers by name. A row with an id counts as a rule, as in an answer."""
    candidates = [candidate for weighing in guideline.weighings.values() for candidate in weighing.candidates]
    return {
        "rules": len(guideline.rules) + sum(map(_rows_with_ids, guideline.facts.values())),
        "facts": len(guideline.facts),
        "arguments": sum(len(candidate.arguments) for candidate in candidates),
        "candidates": len(candidates),
        "sources": len(guideline.sources),
        "statements": sum(len(source.statements) for source in guideline.sources.values()),
        "pages": sum(bool(stage.steps) for stage in guideline.stages),
        "boxes": sum(len(stage.steps) for stage in guideline.stages),
    }


def _rows_with_ids(fact: Fact) -> int:
    match fact.derivation:
        case Table(rows, otherwise):
            return sum(row is not None and row.id is not None for row in (*rows, otherwise))
        case Score(rows):
            return sum(row.id is not None for row in rows)
        case _:
            return 0


def shipped_page(guidelines: Iterable[Guideline]) -> Document:
    """The guidelines that ship, each with its status and what it holds."""
    blocks: list[Block] = []
    for guideline in guidelines:
        about = ", ".join(f"{n} {name}" for name, n in contents_of(guideline).items() if n)
        title = (Span(guideline.id, "strong", keep=True), Span(f" {guideline.version}"))
        blocks.append(Item(title, (said(guideline.title), said(guideline.status, "alert"), said(about, "dim"))))
    return tuple(blocks) or (Paragraph(said("No guideline ships with this installation.")),)
