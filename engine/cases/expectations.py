"""Holding a guideline against its own cases."""

from __future__ import annotations

from dataclasses import dataclass

from guidewright.engine.assessment import Assessment
from guidewright.rules.cases import Expected


@dataclass(frozen=True, slots=True)
class Miss:
    """One thing that a case expects and the answer does not give. `rule` is the rule to explain, if it is about one."""

    what: str
    expected: str
    found: str
    rule: str | None = None


def misses(expected: Expected, answer: Assessment) -> tuple[Miss, ...]:
    """Everything in which an answer differs from what a case expects."""
    found: list[Miss] = []
    exact = (("fired", expected.fired), ("overridden", expected.overridden), ("open", expected.open))
    for status, ids in (*exact, ("not_fired", expected.not_fired)):
        for id in ids:
            if answer.rules[id].status != status:
                found.append(Miss(id, status, answer.rules[id].status, id))
    for id in expected.must_not_fire:
        if answer.rules[id].status == "fired":
            found.append(Miss(id, "anything but fired", "fired", id))
    asked = {question.fact for question in answer.ask}
    found += [Miss(fact, "asked", "not asked") for fact in expected.ask if fact not in asked]
    for weighing, candidates in (expected.leading or {}).items():
        leading = answer.weighing[weighing].leading
        for candidate in candidates:
            if candidate not in leading:
                found.append(Miss(f"{weighing}: {candidate}", "leading", ", ".join(leading) or "nobody leads"))
    return tuple(found)
