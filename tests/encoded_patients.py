"""A patient's record as values of the variables of an encoding, and what the encoding then says wrongly of the patient.

What the propositions come to is worked out here for all nodes at once, in the order in which they were made.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from random import Random
from typing import TypeVar

from guidewright.engine import known as knowing
from guidewright.engine import reference
from guidewright.engine.cells import value_bits
from guidewright.engine.checks import check_truth, truth_of
from guidewright.engine.known import Known, settle
from guidewright.engine.outcome import Outcome
from guidewright.engine.paths import path_through
from guidewright.engine.plan import Plan
from guidewright.engine.proofs.encoded_dates import Days
from guidewright.engine.proofs.encoded_facts import Kleene, Recorded, Shape, test_truth, values_in
from guidewright.engine.proofs.encoding import Encoding, encoding_of
from guidewright.engine.proofs.propositions import Proposition, Propositions
from guidewright.engine.reference import evaluate_naively
from guidewright.engine.three_valued import Truth
from guidewright.rules.conditions import Check
from guidewright.rules.domains import precise_options, step_of, whole
from guidewright.rules.model import BooleanType, ChoicesType, ChoiceType, DateType, FactType, QuantityType, TextType
from guidewright.rules.patient import Patient, Record
from guidewright.rules.values import (
    NONE,
    NOTHING,
    Ordered,
    ValueSet,
    has_value,
    intersection,
    of,
    single,
    union,
    without_none,
)
from guidewright.rules.values import number as whole_number


def every_value(nodes: Propositions, variables: Mapping[Proposition, bool]) -> list[bool]:
    """What each node comes to, by its number (at 0 stands nothing). A variable without a value is false."""
    values = [False]
    for number, content in enumerate(nodes.nodes, 1):
        if isinstance(content, str):
            values.append(variables.get(number, False))
        else:
            values.append(all(is_true(part, values) for part in content))
    return values


def is_true(proposition: Proposition, values: Sequence[bool]) -> bool:
    return values[proposition] if proposition > 0 else not values[-proposition]


_T = TypeVar("_T")


@dataclass(frozen=True)
class Ready:
    """An encoding with the truths of every test of every fact, also of those on which no rule hangs."""

    plan: Plan
    encoding: Encoding
    tests: Mapping[str, Mapping[Check, Kleene]]

    def differences(self, patient: Patient, noise: bool = False) -> list[str]:
        """Everything that the encoding says of a patient and the reference evaluator does not."""
        outcome = evaluate_naively(self.plan.program, patient)
        variables = values_of(self.encoding, patient, outcome, noise)
        values = every_value(self.encoding.nodes, variables)
        left_out = [
            *_left_out(self, patient, outcome, values),
            *_hanging_on_what_is_free(self.encoding, variables, values),
        ]
        return [*_differences(self, outcome, values), *left_out]


def ready(plan: Plan, as_of: date) -> Ready:
    encoding = encoding_of(plan.program, as_of)
    tests = {
        id: {check: test_truth(check, encoding.states[id], shape, encoding.nodes) for check in shape.cells.masks}
        for id, shape in encoding.shapes.items()
    }
    return Ready(plan, encoding, tests)


def cells_in(values: ValueSet, shape: Shape) -> tuple[bool, ...]:
    """The cells that values lie in, the last one for having none."""
    if isinstance(shape.kind, ChoicesType | TextType):
        return (has_value(values), values.none)
    bits = value_bits(shape.cells, values)
    return tuple(bool(bits >> i & 1) for i in range(shape.none + 1))


# --- from a record to values of the variables


class _Given(dict[Proposition, bool]):
    """The values of variables. Nothing is given twice, and only variables are given."""

    def give(self, proposition: Proposition, value: bool, nodes: Propositions) -> None:
        if proposition > 0 and isinstance(nodes.nodes[proposition - 1], str):
            assert self.setdefault(proposition, value) is value, nodes.nodes[proposition - 1]


def values_of(
    encoding: Encoding, patient: Patient, outcome: Outcome, noise: bool = False
) -> Mapping[Proposition, bool]:
    """The values that a patient gives the variables. With `noise` the cells of what is not recorded are all there:
    they must not matter.
    """
    given, nodes = _Given(), encoding.nodes
    for id, recorded in encoding.records.items():
        _give_record(recorded, patient.records.get(id), encoding.shapes[id], noise, given, nodes)
    for id, days in encoding.days.items():
        _give_days(days, patient.records.get(id), given, nodes)
    for id in encoding.records:
        state, known = encoding.states[id], outcome.facts[id]
        at = cells_in(known.values, encoding.shapes[id])
        is_single = single(known.values) is not None
        for proposition, value in (
            (state.one, is_single),
            (state.data, known.has_data),
            *zip(state.may, at, strict=True),
        ):
            given.give(proposition, value, nodes)
        if id not in encoding.meetings:
            continue
        meeting, record = encoding.meetings[id], patient.records.get(id)
        worked = derived_of(id, encoding, patient, outcome)
        both = intersection(record.values, worked) if record is not None else NOTHING
        given.give(meeting.one, is_single, nodes)
        for agrees, value in zip(meeting.agrees, cells_in(both, encoding.shapes[id]), strict=True):
            given.give(agrees, value, nodes)
        for near, value in zip(meeting.near, at, strict=False):
            given.give(near, value and known.conflict is None, nodes)
        for check, truth in meeting.contains.items():
            _give_truth(truth, check_truth(check, known, encoding.shapes[id].kind), given, nodes)
        if id in encoding.gaps:
            gaps = encoding.gaps[id]
            given.give(gaps.one, single(without_none(worked)) is not None, nodes)
            for gap, value in zip(gaps.may, cells_in(worked, encoding.shapes[id]), strict=False):
                given.give(gap, value, nodes)
    return given


def derived_of(id: str, encoding: Encoding, patient: Patient, outcome: Outcome) -> ValueSet:
    """What a derived fact would be if it were not recorded, and if it applies: nothing, where nothing is computed."""
    fact = encoding.program.guideline.facts[id]
    derived = reference._derived(fact, encoding.program, patient, outcome.facts)
    assert derived is not None
    derived = knowing._inside_range(fact, derived, patient.as_of)
    return derived.values if derived.problem is None else NOTHING


def _give_days(days: Days, record: Record | None, given: _Given, nodes: Propositions) -> None:
    """The days of the record; where it names none they must not matter."""
    spans = record.values.spans if record is not None else ()
    low, high = (spans[0].low, spans[-1].high) if spans else (date(1066, 10, 14), date(4, 1, 1))
    given.give(days.endless_before, low is None, nodes)
    given.give(days.endless_after, high is None, nodes)
    given.give(days.every, len(spans) == 1, nodes)
    for day, end in ((days.first, low or date.min), (days.last, high or date.max)):
        assert isinstance(end, date)
        for bits, number in ((day.year, end.year), (day.month, end.month), (day.day, end.day)):
            for i, bit in enumerate(bits):
                given.give(bit, bool(number >> i & 1), nodes)


def _give_record(
    recorded: Recorded, record: Record | None, shape: Shape, noise: bool, given: _Given, nodes: Propositions
) -> None:
    given.give(recorded.there, record is not None, nodes)
    if record is None:
        for cell in recorded.may:
            given.give(cell, noise, nodes)
        return
    known = Known(record.values, True, record.said)
    for cell, value in zip(recorded.may, cells_in(record.values, shape), strict=True):
        given.give(cell, value, nodes)
    given.give(recorded.one, single(record.values) is not None, nodes)
    for word, says in recorded.said.items():
        given.give(says, word in record.said, nodes)
    for check, truth in recorded.contains.items():
        _give_truth(truth, check_truth(check, known, shape.kind), given, nodes)


def _give_truth(kleene: Kleene, truth: Truth, given: _Given, nodes: Propositions) -> None:
    given.give(kleene.yes, truth is True, nodes)
    given.give(kleene.no, truth is False, nodes)


# --- what the encoding says


def _differences(ready: Ready, outcome: Outcome, values: Sequence[bool]) -> Iterator[str]:
    encoding = ready.encoding

    def holds(proposition: Proposition) -> bool:
        return is_true(proposition, values)

    def said(kleene: Kleene) -> Truth:
        yes, no = holds(kleene.yes), holds(kleene.no)
        assert not (yes and no)
        return True if yes else False if no else None

    def differ(what: str, found: object, expected: object) -> Iterator[str]:
        if found != expected:
            yield f"{what}: the encoding says {found}, the reference {expected}"

    for number, constraint in enumerate(encoding.constraints):
        yield from differ(f"constraint {number} ({_names(constraint, encoding.nodes)})", holds(constraint), True)
    yield from differ("the facts", set(encoding.states), set(outcome.facts))
    for id, known in outcome.facts.items():
        state, shape = encoding.states[id], encoding.shapes[id]
        yield from differ(f"{id} may", tuple(map(holds, state.may)), cells_in(known.values, shape))
        one = single(known.values) is not None or (isinstance(shape.kind, TextType) and known.has_data)
        yield from differ(f"{id} is one value", holds(state.one), one)
        yield from differ(f"{id} has data", holds(state.data), known.has_data)
        for check, truth in ready.tests[id].items():
            yield from differ(f"{id} {check}", said(truth), check_truth(check, known, shape.kind))
    yield from differ("the rules", set(encoding.rules), set(outcome.rules))
    for id, status in outcome.rules.items():
        found = [name for name, proposition in encoding.rules[id].items() if holds(proposition)]
        yield from differ(f"rule {id}", found, [status])
    yield from differ("the arguments", {id: said(t) for id, t in encoding.arguments.items()}, outcome.arguments)
    answers = {step: tuple(map(said, every)) for step, every in encoding.answers.items()}
    yield from differ("the answers", answers, outcome.answers)
    yield from differ("applies", said(encoding.applies), outcome.applies)
    passed = {key for key, at in encoding.passes.items() if holds(at)}
    yield from differ("the way", passed, boxes_passed(ready.plan, outcome))


def _left_out(ready: Ready, patient: Patient, outcome: Outcome, values: Sequence[bool]) -> Iterator[str]:
    """Where the encoding says that nothing is computed, a fact that is left free must be as its record alone says."""
    encoding, program = ready.encoding, ready.plan.program
    if is_true(encoding.computed, values):
        return
    for fact in program.facts:
        if fact.derivation is None or fact.id in encoding.meetings:
            continue
        applies = fact.only_if is None or truth_of(fact.only_if, outcome.facts.__getitem__, program.kinds.__getitem__)
        plain = settle(fact, patient.records.get(fact.id), None, applies, patient.as_of)
        known, shape = outcome.facts[fact.id], encoding.shapes[fact.id]
        found, expected = (
            (cells_in(k.values, shape), single(k.values) is not None, k.has_data) for k in (known, plain)
        )
        if found != expected:
            yield f"{fact.id} is computed: {found}, not {expected}, and the encoding does not say so"


def _hanging_on_what_is_free(
    encoding: Encoding, variables: Mapping[Proposition, bool], values: Sequence[bool]
) -> Iterator[str]:
    """Where the encoding says that nothing is computed, what is left free in gaps and meetings must not matter."""
    if is_true(encoding.computed, values):
        return
    free = [part for gaps in encoding.gaps.values() for part in (*gaps.may, gaps.one)]
    for meeting in encoding.meetings.values():
        free += [meeting.one, *meeting.agrees, *meeting.near]
        free += [part for truth in meeting.contains.values() for part in (truth.yes, truth.no)]
    names = encoding.nodes.nodes
    turned = {part: not variables.get(part, False) for part in free if part > 0 and isinstance(names[part - 1], str)}
    otherwise = every_value(encoding.nodes, {**variables, **turned})
    for id, state in encoding.states.items():
        parts = (*state.may, state.one, state.data, *(part for t in state.contains.values() for part in (t.yes, t.no)))
        if any(is_true(part, values) is not is_true(part, otherwise) for part in parts):
            yield f"{id} hangs on what is free, and the encoding does not say so"


def boxes_passed(plan: Plan, outcome: Outcome) -> set[str]:
    """The boxes that the patient's way comes to, as `stage/step`."""
    ways = [path_through(stage, outcome.answers) for stage in plan.program.guideline.stages]
    return {f"{way.stage.id}/{taken.step.id}" for way in ways if way is not None for taken in way.steps}


def _names(proposition: Proposition, nodes: Propositions) -> str:
    """The variables right under a proposition."""
    content = nodes.nodes[abs(proposition) - 1]
    return (
        content
        if isinstance(content, str)
        else ", ".join(name for part in content if isinstance(name := nodes.nodes[abs(part) - 1], str))
    )


# --- records of any cells


def any_record(shape: Shape, as_of: date, random: Random) -> Record:
    """A record that leaves some cells, each as a whole or as one value of it: more than authors of records write."""
    values, said = NONE if random.random() < 0.1 else ValueSet(), frozenset[str]()
    kind = shape.kind
    match kind:
        case TextType():
            return Record((), of("words"))
        case BooleanType():
            values = union(values, of(*_some([True, False], random)))
        case ChoiceType():
            values = union(values, of(*_some(precise_options(kind), random)))
        case ChoicesType():
            subsets = [frozenset(_some(precise_options(kind), random, least=0)) for _ in range(random.randint(1, 3))]
            values = union(values, of(*subsets))
        case _:
            inside = [i for i, possible in enumerate(shape.possible) if possible]
            for cell in _some(inside, random):
                run = values_in(cell, shape.cells, kind, whole(kind, as_of))
                values = union(values, run if random.random() < 0.5 else _one_of(run, kind, random), step_of(kind))
    if isinstance(kind, ChoiceType | ChoicesType):
        said = frozenset(
            option.id
            for option in kind.options
            if option.may_be and _stands_for(option.may_be, kind) <= values.values and random.random() < 0.5
        )
    return Record((), values, said)


def _stands_for(may_be: tuple[str, ...], kind: FactType) -> frozenset[str | frozenset[str]]:
    return frozenset(frozenset({value}) if isinstance(kind, ChoicesType) else value for value in may_be)


def _some(many: Sequence[_T], random: Random, least: int = 1) -> list[_T]:
    return random.sample(list(many), min(len(many), random.choice([least, 1, 1, 2, 3, len(many)])))


def _one_of(values: ValueSet, kind: FactType, random: Random) -> ValueSet:
    """One of these numbers or days."""
    run = random.choice(values.spans)
    low, high = run.low, run.high
    if low is None and high is None:
        return of(date(2020, 1, 1) if isinstance(kind, DateType) else 0)
    if low is None or high is None:
        return of(_moved(low, 7) if low is not None else _moved(high, -7))
    inside = [end for end, is_open in ((low, run.low_open), (high, run.high_open)) if not is_open]
    if isinstance(kind, QuantityType) and low != high:
        assert not isinstance(low, date)
        assert not isinstance(high, date)
        inside.append(whole_number(low + (high - low) * Fraction(random.randint(1, 4), 5)))
    return of(random.choice(inside))


def _moved(end: Ordered | None, by: int) -> Ordered:
    assert end is not None
    return end + timedelta(days=by) if isinstance(end, date) else end + by
