"""The facts that a condition may name."""

from __future__ import annotations

from guidewright.rules.model import ChoiceType, Fact, Guideline, Option


def named_facts(guideline: Guideline) -> dict[str, Fact]:
    """Those of the guideline, and `origin.confirmed` for what each weighing confirms: with a label, so that a test of
    one can be put into words.
    """
    found = dict(guideline.facts)
    for weighing in guideline.weighings.values():
        id = confirmed_by(weighing.id)
        kind = ChoiceType(tuple(Option(candidate.id, candidate.label) for candidate in weighing.candidates))
        found[id] = Fact(id, f"confirmed by the arguments ({weighing.question})", kind)
    return found


def confirmed_by(weighing: str) -> str:
    """The id under which conditions test what a weighing confirms."""
    return f"{weighing}.confirmed"
