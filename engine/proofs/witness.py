"""A patient for whom something is so: found by the solver, made as small and plain as can be, written as a patient
file would say it, and run on the reference evaluator before anyone sees it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

from guidewright.engine.outcome import Outcome
from guidewright.engine.program import Program
from guidewright.engine.proofs.encoded_dates import Days, plainer, run_in
from guidewright.engine.proofs.encoded_facts import Recorded, Shape, values_in
from guidewright.engine.proofs.encoding import Encoding, encoding_of
from guidewright.engine.proofs.propositions import Proposition
from guidewright.engine.proofs.solving import Model, Solver, Unsolved, can_be, find, solver_of
from guidewright.engine.reference import evaluate_naively
from guidewright.rules.conditions import Check, OneOf
from guidewright.rules.domains import precise_options, step_of, whole, written, written_span
from guidewright.rules.model import BooleanType, ChoicesType, ChoiceType, FactType, IntegerType, QuantityType, TextType
from guidewright.rules.patient import Patient, patient_from
from guidewright.rules.values import NOTHING, Ordered, Span, ValueSet, contains, intersection, of_spans, single, union

_MOST_TRIED = 6  # times that a record of fewer facts is asked for


@dataclass(frozen=True, slots=True)
class Prover:
    """The propositions of a program, and the solver that knows them. Patients are assessed on `as_of`."""

    encoding: Encoding
    solver: Solver
    as_of: date


@dataclass(frozen=True, slots=True, repr=False)
class Witness:
    """`facts` as a patient file holds them, dotted; `outcome` is what the reference evaluator says of them."""

    facts: Mapping[str, Any]
    patient: Patient
    outcome: Outcome


def prover_of(program: Program, as_of: date, milliseconds: int = 10_000) -> Prover:
    """A prover that gives each question so much time. Raises `ProverMissing` where z3 is not installed."""
    encoding = encoding_of(program, as_of)
    return Prover(encoding, solver_of(encoding.nodes, encoding.constraints, milliseconds), as_of)


def witness(
    prover: Prover, wanted: Sequence[Proposition], holds: Callable[[Outcome], bool], smallest: bool = True
) -> Witness | Unsolved:
    """The patient with the fewest facts for whom all of this is true, and `holds` of what the reference evaluator says;
    any one, which takes less time, where it need not be the smallest.

    `impossible` is proved. `undecided`: there was not time enough, or what was found is not so on the evaluator, as may
    be where a formula plays a part.
    """
    facts = smallest_record(prover, wanted) if smallest else any_record(prover, wanted)
    if isinstance(facts, str):
        return facts
    read = patient_from(facts, prover.encoding.program.guideline, prover.as_of, prover.as_of)
    if read.patient is None:
        return "undecided"
    outcome = evaluate_naively(prover.encoding.program, read.patient)
    return Witness(facts, read.patient, outcome) if holds(outcome) else "undecided"


def smallest_record(prover: Prover, wanted: Sequence[Proposition]) -> dict[str, Any] | Unsolved:
    """The facts of a patient for whom all of this is true by the encoding: where possible none that is computed, and
    of such as few as can be: none can be left out, and no others would be fewer, unless it takes the solver too long to
    find that out. Run it on the reference evaluator before anyone sees it.
    """
    found = _plain_model(prover, wanted)
    return found if isinstance(found, str) else _facts(prover, _smallest(prover, *found))


def any_record(prover: Prover, wanted: Sequence[Proposition]) -> dict[str, Any] | Unsolved:
    """Like `smallest_record`, but as it comes, which takes far less time."""
    found = _plain_model(prover, wanted)
    return found if isinstance(found, str) else _facts(prover, found[1])


def _plain_model(prover: Prover, wanted: Sequence[Proposition]) -> tuple[list[Proposition], Model] | Unsolved:
    """A model, where possible without anything computed, and all that is true in it by intention."""
    plain = [*wanted, -prover.encoding.computed]
    model = find(prover.solver, plain)
    if not isinstance(model, str):
        return plain, model
    anything = find(prover.solver, wanted)
    return anything if isinstance(anything, str) else ([*wanted], anything)


def _smallest(prover: Prover, wanted: Sequence[Proposition], model: Model) -> Model:
    """A model in which as little as can be is recorded, and that as single values."""
    encoding = prover.encoding
    kept, settled = _fewest(prover, wanted, model)
    for id in kept:
        record, days = encoding.records[id], encoding.days.get(id)
        of_days = plainer(days, prover.as_of, encoding.nodes) if days is not None else ()
        for wish in (record.one, *of_days, *(-said for said in record.said.values())):
            if can_be(prover.solver, [*settled, wish]):
                settled.append(wish)
        if record.one not in settled:
            # Of few cells then, and if it can be none of them that there is no value: few records say so.
            for cell in reversed(record.may):
                if can_be(prover.solver, [*settled, -cell]):
                    settled.append(-cell)
    smallest = find(prover.solver, settled)
    return model if isinstance(smallest, str) else smallest


def _fewest(prover: Prover, wanted: Sequence[Proposition], model: Model) -> tuple[list[str], list[Proposition]]:
    """The facts of a record from which none can go, and where that is found out in a few questions, of which no other
    record has fewer; and what is settled so that only these are recorded.
    """
    encoding = prover.encoding
    kept, settled = _without_the_rest(prover, wanted, model)
    more = encoding.nodes.more_than((record.there for record in encoding.records.values()), len(kept))
    for _ in range(_MOST_TRIED):
        if len(kept) < 2:  # that nothing recorded would not do is known
            break
        other = find(prover.solver, [*wanted, -more[len(kept) - 1]])
        if isinstance(other, str):
            break
        kept, settled = _without_the_rest(prover, wanted, other)
    return kept, settled


def _without_the_rest(
    prover: Prover, wanted: Sequence[Proposition], model: Model
) -> tuple[list[str], list[Proposition]]:
    """Of the facts recorded in a model those that cannot go, and what is settled so that the others are not there."""
    records = prover.encoding.records
    settled = [*wanted, *(-record.there for record in records.values() if not model[record.there])]
    return _kept([id for id, record in records.items() if model[record.there]], settled, prover), settled


def _kept(ids: Sequence[str], settled: list[Proposition], prover: Prover) -> list[str]:
    """The facts whose records cannot go, in their order; that the others go is added to what is settled. Many are
    tried at once, which asks far less than one by one, and comes to the same.
    """
    without = [-prover.encoding.records[id].there for id in ids]
    if not ids or can_be(prover.solver, [*settled, *without]):
        settled += without
        return []
    if len(ids) == 1:
        return [*ids]
    half = len(ids) // 2
    return [*_kept(ids[:half], settled, prover), *_kept(ids[half:], settled, prover)]


# --- values


def _facts(prover: Prover, model: Model) -> dict[str, Any]:
    encoding = prover.encoding
    return {
        id: _recorded(record, encoding.shapes[id], encoding.days.get(id), model, prover)
        for id, record in encoding.records.items()
        if model[record.there]
    }


def _recorded(record: Recorded, shape: Shape, days: Days | None, model: Model, prover: Prover) -> Any:
    """What a patient file says, so that it leaves just these cells, and of a date just these days."""

    holds = model.__getitem__
    kind = shape.kind
    if isinstance(kind, TextType):
        return "recorded"
    none = ["none"] if holds(record.may[-1]) else []
    if isinstance(kind, ChoicesType):
        return _alternatives([*_sets(record, kind, holds), *none])
    cells = [i for i in range(shape.none) if holds(record.may[i])]
    if isinstance(kind, BooleanType | ChoiceType):
        by_bit = {bit.bit_length() - 1: value for value, bit in shape.cells.bits.items()}
        said = [value for value, says in record.said.items() if holds(says)]
        covered = {precise for option in getattr(kind, "options", ()) if option.id in said for precise in option.may_be}
        return _alternatives([*said, *(by_bit[i] for i in cells if by_bit[i] not in covered), *none])
    everything = whole(kind, prover.as_of)
    found = NOTHING
    for cell in cells:
        found = union(found, values_in(cell, shape.cells, kind, everything), step_of(kind))
    if days is not None and cells:
        found = intersection(found, of_spans([run_in(days, holds)]))
    if holds(record.one):
        return in_a_file(plain_value(found.spans[0], kind, prover.as_of), kind)
    return _alternatives([*_several(found, kind), *none])


def _alternatives(values: list[Any]) -> Any:
    return values[0] if len(values) == 1 else {"one_of": values}


def _several(values: ValueSet, kind: FactType) -> list[Any]:
    """Runs as a record writes them. One run that holds many values is one entry."""
    found: list[Any] = []
    for run in values.spans:
        alone = single(ValueSet(spans=(run,)))
        found.append(in_a_file(alone, kind) if alone is not None else written_span(run, kind))  # type: ignore[arg-type]
    return found


def in_a_file(value: Ordered, kind: FactType) -> Any:
    bare = isinstance(kind, IntegerType) or (isinstance(kind, QuantityType) and kind.unit.text == "1")
    return value if bare and isinstance(value, int) else written(value, kind)


def plain_value(run: Span, kind: FactType, as_of: date) -> Ordered:
    """A value inside a run that a reader takes in at once."""
    low, high = run.low, run.high
    if low is not None and low == high:
        return low
    if isinstance(low, date) or isinstance(high, date):
        return _plain_day(run, as_of)
    tried: list[Ordered] = []
    if isinstance(low, int | Fraction) and isinstance(high, int | Fraction):
        middle = (Fraction(low) + Fraction(high)) / 2
        tried += [round(middle), Fraction(round(middle * 2), 2), Fraction(round(middle * 10), 10), middle]
    elif isinstance(low, int | Fraction):
        tried += [Fraction(low).__ceil__() + 1, Fraction(low) + 1]
    elif isinstance(high, int | Fraction):
        tried += [Fraction(high).__floor__() - 1, Fraction(high) - 1]
    else:
        tried.append(1)
    return next(_whole(value) for value in tried if contains(run, value))


def _plain_day(run: Span, as_of: date) -> date:
    low, high = run.low, run.high
    assert not isinstance(low, int | Fraction)
    assert not isinstance(high, int | Fraction)
    if high is None:
        assert low is not None
        return low + timedelta(days=1)
    earlier = [date(high.year, 1, 1), high - timedelta(days=1), high]
    return next(day for day in earlier if contains(run, day))


def _whole(value: Ordered) -> Ordered:
    return value.numerator if isinstance(value, Fraction) and value.denominator == 1 else value


def _sets(record: Recorded, kind: ChoicesType, holds: Callable[[Proposition], bool]) -> list[Any]:
    """One set, or two that differ in what is left open, so that each test of it says what the model says."""
    said = [value for value, says in record.said.items() if holds(says)]
    if not holds(record.may[0]):
        return said
    refused = {v for check, truth in record.contains.items() if holds(truth.no) for v in _asked(check)}
    sure: set[str] = set()
    perhaps: set[str] = set()
    for check, truth in record.contains.items():
        free = [v for v in _asked(check) if v not in refused]
        if holds(truth.yes) and free:
            sure.add(free[0])
        elif not holds(truth.no) and free:
            perhaps.add(free[0])
    if holds(record.one):
        return [_as_list(sure, kind)]
    more = perhaps or {next((o for o in precise_options(kind) if o not in refused | sure), "")} - {""}
    return [*said, _as_list(sure, kind), _as_list(sure | more, kind)]


def _asked(check: Check) -> list[str]:
    return [str(literal.value) for literal in check.literals] if isinstance(check, OneOf) else []


def _as_list(values: set[str], kind: ChoicesType) -> list[str]:
    return [option for option in precise_options(kind) if option in values]
