"""What every engine answers, so that engines can be compared: no texts, no explanations."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from guidewright.engine.known import Known
from guidewright.engine.three_valued import Truth

Status = Literal["fired", "open", "not_fired", "overridden"]


@dataclass(frozen=True, slots=True, repr=False)
class Outcome:
    """`facts`: what every fact may still be. `rules`: the status of every rule and of every row with an id.
    `arguments` and
    `answers` (by `stage/step`, an answer's position): their truth. `applies`: whether the guideline is meant for
    this patient."""

    facts: Mapping[str, Known]
    rules: Mapping[str, Status]
    arguments: Mapping[str, Truth]
    answers: Mapping[str, tuple[Truth, ...]]
    applies: Truth


def contradicts_itself(outcome: Outcome) -> bool:
    """Whether a record says what cannot be: a value against what follows from the others, or one of a fact that does
    not apply. Such records exist, and must be answered safely; but they show less than others do.
    """
    return any(known.conflict is not None or known.against_only_if for known in outcome.facts.values())
