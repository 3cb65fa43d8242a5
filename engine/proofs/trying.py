"""Looking for patients by trying plain records near those that a solver found: it does not know what a formula gives.

What is not found is not proved to be absent.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from random import Random
from typing import Any

from guidewright.engine.program import Program, facts_behind
from guidewright.engine.proofs.encoded_facts import Shape, values_in
from guidewright.engine.proofs.witness import in_a_file, plain_value
from guidewright.rules.domains import precise_options, whole, written_span
from guidewright.rules.model import BooleanType, ChoicesType, ChoiceType, DateType, TextType
from guidewright.rules.values import Ordered, contains

TRIES = 60
"""Records that are tried for one question."""

_DAYS_BEFORE = (1, 20, 45, 75, 110, 150, 200, 260, 330, 400, 500, 650, 800, 1200, 2000, 5000, 12000)
_MORE_NUMBERS = (0, 1, 2, 3, 5, 10, 20, 50, 100)


def records_near(
    starts: Sequence[Mapping[str, Any]], facts: Sequence[str], shapes: Mapping[str, Shape], as_of: date, seed: str
) -> Iterator[dict[str, Any]]:
    """Records that differ from one of the starts in what they say of these facts: the same ones for one seed."""
    random = Random(seed)
    choices = {id: found for id in facts if (found := _plain_records(shapes[id], as_of))}
    for number in range(TRIES if starts else 0):
        share = random.choice((0.5, 1, 1))
        varied = {id: random.choice(found) for id, found in choices.items() if random.random() < share}
        yield {**starts[number % len(starts)], **varied}


def _plain_records(shape: Shape, as_of: date) -> list[Any]:
    """What a record of a fact may plainly say: a value on each side of each limit, some others, and a run."""
    kind = shape.kind
    match kind:
        case BooleanType():
            return [True, False]
        case ChoiceType(options):
            return [option.id for option in options]
        case ChoicesType():
            every = precise_options(kind)
            return [[], *([option] for option in every), list(every)]
        case TextType():
            return ["recorded"]
        case _:
            return _plain_values(shape, as_of)


def _plain_values(shape: Shape, as_of: date) -> list[Any]:
    kind, everything = shape.kind, whole(shape.kind, as_of)
    cells = [values_in(i, shape.cells, kind, everything) for i, possible in enumerate(shape.possible) if possible]
    runs = [run for cell in cells for run in cell.spans]
    values: list[Ordered] = [plain_value(run, kind, as_of) for run in runs]
    others: Sequence[Ordered] = _MORE_NUMBERS
    if isinstance(kind, DateType):
        others = [as_of - timedelta(days=days) for days in _DAYS_BEFORE]
    values += [other for other in others if any(contains(run, other) for run in everything.spans)]
    several = [written_span(run, kind) for run in runs if run.low != run.high and (run.low, run.high) != (None, None)]
    return [*(in_a_file(value, kind) for value in dict.fromkeys(values)), *several]


def smaller_records(record: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """The record without one of its facts, in turn."""
    for id in record:
        yield {other: said for other, said in record.items() if other != id}


def plain_inputs(computed: Iterable[str], program: Program) -> tuple[str, ...]:
    """The facts that cannot be worked out and from which these follow, as far as the program has them."""
    facts = program.guideline.facts
    behind = facts_behind((id for id in computed if id in facts), program)
    return tuple(sorted(id for id in behind if id in facts and facts[id].derivation is None))
