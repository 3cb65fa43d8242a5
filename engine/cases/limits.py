"""Both sides of every limit: values just below, at and just above each number or day that a test of a guideline names,
and a patient whose answer hangs on the side.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any, Literal

from guidewright.engine.checking.claims import has_values
from guidewright.engine.comparing.versions import same_state
from guidewright.engine.outcome import Outcome
from guidewright.engine.program import Program, conditions_of, facts_behind
from guidewright.engine.proofs.binary_days import same_day
from guidewright.engine.proofs.encoded_dates import as_in
from guidewright.engine.proofs.encoded_derivations import Shared
from guidewright.engine.proofs.encoded_facts import Kleene, Shape, runs_of, truth_of
from guidewright.engine.proofs.encoding import Encoding, encoding_of
from guidewright.engine.proofs.propositions import Proposition, Propositions
from guidewright.engine.proofs.solving import Unsolved, can_be, solver_of
from guidewright.engine.proofs.witness import Prover, in_a_file, plain_value, smallest_record
from guidewright.rules.conditions import Check, tests_of
from guidewright.rules.model import FactType, IntegerType
from guidewright.rules.values import Ordered, Span, ValueSet, contains, number, of, single

Decides = Literal["firing", "statuses", "ways", "nothing"]
"""What changes beyond a limit: whether a rule or row fires; else another status of one; else the truth of an argument
or of an answer; or nothing.
"""
DECIDING: tuple[Decides, ...] = ("firing", "statuses", "ways")

_STEPS = (1, Fraction(1, 10), Fraction(1, 100), Fraction(1, 1000))
_FROM_WHOLE_STEPS = 10  # below this a limit is one of tenths


@dataclass(frozen=True, slots=True)
class Stand:
    """To be recorded as a value at a limit, `here`, while `beyond` is the neighbour for which a test says otherwise."""

    fact: str
    limit: Ordered
    here: Ordered
    beyond: Ordered

    @property
    def side(self) -> Literal["below", "at", "above"]:
        if self.here == self.limit:
            return "at"
        return "below" if self.here < self.limit else "above"  # type: ignore[operator]

    @property
    def opposite(self) -> Stand:
        return Stand(self.fact, self.limit, self.beyond, self.here)


def stands_of(program: Program, shapes: Mapping[str, Shape], as_of: date) -> Iterator[Stand]:
    """Where patients should stand, by what the conditions of a program test. What only an invariant tests is left out:
    it changes no answer.
    """
    tested: dict[str, dict[Check, None]] = {}
    for condition in conditions_of(program):
        for test in tests_of(condition):
            tested.setdefault(test.fact, {})[test.check] = None
    for fact in program.guideline.facts.values():
        shape = shapes[fact.id]
        masks = [shape.cells.masks[check][0] for check in tested.get(fact.id, {}) if check in shape.cells.masks]
        for position, limit in enumerate(shape.cells.cuts):
            at = 2 * position + 1
            if not shape.possible[at]:
                continue
            below = next((cell for cell in range(at - 1, -1, -1) if shape.possible[cell]), None)
            above = next((cell for cell in range(at + 1, shape.none) if shape.possible[cell]), None)
            for cell, direction in ((below, -1), (above, 1)):
                if cell is not None and any(mask >> cell & 1 != mask >> at & 1 for mask in masks):
                    run = runs_of(shape)[cell]
                    assert run is not None
                    stand = Stand(fact.id, limit, limit, _beside(limit, direction, run, fact.type, as_of))
                    yield from (stand, stand.opposite)


def _beside(limit: Ordered, direction: int, run: Span, kind: FactType, as_of: date) -> Ordered:
    """The plainest value of a run that is close to the limit at its end."""
    if isinstance(limit, date):
        return (run.high if direction < 0 else run.low) or plain_value(run, kind, as_of)
    assert isinstance(limit, int | Fraction)
    by_tenths = -_FROM_WHOLE_STEPS < limit < _FROM_WHOLE_STEPS and not isinstance(kind, IntegerType)
    for step in _STEPS[by_tenths:]:
        value = number(limit + direction * step)
        if contains(run, value):
            return value
    return plain_value(run, kind, as_of)


def usual_values(shapes: Mapping[str, Shape], as_of: date) -> dict[str, tuple[tuple[Span, Ordered], ...]]:
    """For runs of values below all limits of a fact and above all of them, the value beside the limit. What authors
    take as limits is usual in patients, and far from it lies what nobody survives.
    """
    found: dict[str, tuple[tuple[Span, Ordered], ...]] = {}
    for id, shape in shapes.items():
        if shape.cells.cuts:
            runs, cuts = runs_of(shape), shape.cells.cuts
            ends = ((runs[0], cuts[0], -1), (runs[-1], cuts[-1], 1))
            found[id] = tuple(
                (run, _beside(limit, direction, run, shape.kind, as_of))
                for run, limit, direction in ends
                if run is not None
            )
    return found


def is_there(stand: Stand, values: ValueSet) -> bool:
    """Whether what is known of the fact is one value at the limit, on this side, and no farther from it."""
    value = single(values)
    if value is None or isinstance(value, bool | str | frozenset):
        return False
    if stand.side == "at":
        return value == stand.limit
    is_above = stand.side == "above"
    run = Span(stand.limit, stand.here, True) if is_above else Span(stand.here, stand.limit, False, True)
    return contains(run, value)


def differing(one: Outcome, other: Outcome, decides: Decides) -> tuple[str, ...]:
    """What ends otherwise for another patient in this way: ids of rules and rows, or of arguments and decisions."""
    match decides:
        case "firing":
            return tuple(id for id, status in one.rules.items() if (status == "fired") != (other.rules[id] == "fired"))
        case "statuses":
            return tuple(id for id, status in one.rules.items() if other.rules[id] != status)
        case "ways":
            found = [id for id, truth in one.arguments.items() if other.arguments[id] is not truth]
            return (*found, *(step for step, truths in one.answers.items() if other.answers[step] != truths))
        case "nothing":
            return ()


# --- a patient twice, recorded on both sides


@dataclass(frozen=True, slots=True)
class Twins:
    """Two encodings of one program over the same nodes: a patient, and the same one with a fact recorded otherwise.
    `alike` says of each fact that can be recorded otherwise that it is not; `differ` that something ends otherwise.
    """

    prover: Prover
    other: Encoding
    alike: Mapping[str, Proposition]
    differ: Mapping[Decides, Proposition]


def twins_of(program: Program, as_of: date, milliseconds: int) -> Twins:
    """Twins for every fact at whose limits somebody should stand. Raises `ProverMissing` where z3 is not installed."""
    one = encoding_of(program, as_of)
    nodes = one.nodes
    moving = dict.fromkeys(stand.fact for stand in stands_of(program, one.shapes, as_of))
    still = [fact.id for fact in program.facts if moving.keys().isdisjoint(facts_behind((fact.id,), program))]
    shared = Shared(
        nodes,
        {id: record for id, record in one.records.items() if id not in moving},
        {id: one.states[id] for id in still},
        {id: one.meetings[id] for id in still if id in one.meetings},
        {id: days for id, days in one.days.items() if id not in moving},
        {id: one.gaps[id] for id in still if id in one.gaps},
    )
    other = encoding_of(program, as_of, shared=shared)
    alike = {id: _recorded_alike(id, one, other) for id in moving}
    constraints = (*one.constraints, *other.constraints, *_known_alike(one, other, alike))
    statuses = [(by, other.rules[id]) for id, by in one.rules.items()]
    ways = [(truth, other.arguments[id]) for id, truth in one.arguments.items()]
    ways += [pair for step, truths in one.answers.items() for pair in zip(truths, other.answers[step], strict=True)]
    differ: dict[Decides, Proposition] = {
        "firing": nodes.any(-nodes.same(a["fired"], b["fired"]) for a, b in statuses),
        "statuses": nodes.any(-nodes.same(a[status], b[status]) for a, b in statuses for status in a),
        "ways": nodes.any(-_same_truth(a, b, nodes) for a, b in ways),
    }
    return Twins(Prover(one, solver_of(nodes, constraints, milliseconds), as_of), other, alike, differ)


def _same_truth(a: Kleene, b: Kleene, nodes: Propositions) -> Proposition:
    return nodes.all((nodes.same(a.yes, b.yes), nodes.same(a.no, b.no)))


def _recorded_alike(id: str, one: Encoding, other: Encoding) -> Proposition:
    nodes, a, b = one.nodes, one.records[id], other.records[id]
    parts = [nodes.same(x, y) for x, y in zip((a.there, a.one, *a.may), (b.there, b.one, *b.may), strict=True)]
    if id in one.days:
        these, those = one.days[id], other.days[id]
        parts += [same_day(these.first, those.first, nodes), same_day(these.last, those.last, nodes)]
        parts += [
            nodes.same(these.endless_before, those.endless_before),
            nodes.same(these.endless_after, those.endless_after),
            nodes.same(these.every, those.every),
        ]
    return nodes.all(parts)


def _known_alike(one: Encoding, other: Encoding, alike: Mapping[str, Proposition]) -> Iterator[Proposition]:
    """That the same is known of a fact where everything behind it is recorded alike, whatever is left free."""
    for fact in one.program.facts:
        behind = [alike[id] for id in facts_behind((fact.id,), one.program) if id in alike]
        if behind:
            same = same_state(one.states[fact.id], other.states[fact.id], one.nodes)
            yield one.nodes.implies(one.nodes.all(behind), same)


def record_at(stand: Stand, decides: Decides, twins: Twins) -> dict[str, Any] | Unsolved:
    """The smallest record found at a limit for which something of this kind ends otherwise beyond it, to be tried on
    the reference evaluator. `impossible` is proved of every record.
    """
    one, other, fact = twins.prover.encoding, twins.other, stand.fact
    wanted = [*_recorded_as(stand.here, fact, one), *_recorded_as(stand.beyond, fact, other)]
    wanted.append(one.nodes.all(same for id, same in twins.alike.items() if id != fact))
    if decides != "nothing":
        wanted.append(twins.differ[decides])
    if can_be(twins.prover.solver, wanted) is False:
        return "impossible"
    everyone = (*has_values(one.records, twins.prover).wanted, *recorded_where_they_apply(one))
    plain = [-one.computed, -other.computed]
    derived = [f.id for f in one.program.facts if f.derivation is not None and f.id != fact]
    underived = [-one.records[id].there for id in derived]
    unworked = [-one.records[id].there for id in derived if id in one.meetings]
    for also in ([*plain, *underived, *everyone], [*plain, *unworked, *everyone], [*plain, *everyone], plain, []):
        facts = smallest_record(twins.prover, [*wanted, *also])
        if not isinstance(facts, str):
            return {**facts, fact: in_a_file(stand.here, one.shapes[fact].kind)}
    return "undecided"


def recorded_where_they_apply(encoding: Encoding) -> list[Proposition]:
    """That nothing is recorded of facts that do not apply."""
    found: list[Proposition] = []
    for fact in encoding.program.facts:
        if fact.only_if is not None:
            applies = truth_of(fact.only_if, encoding.states, encoding.shapes, encoding.nodes)
            found.append(-encoding.nodes.all((encoding.records[fact.id].there, applies.no)))
    return found


def _recorded_as(value: Ordered, fact: str, encoding: Encoding) -> list[Proposition]:
    record = encoding.records[fact]
    runs = enumerate(runs_of(encoding.shapes[fact]))
    cell = next(i for i, run in runs if run is not None and contains(run, value))
    days = encoding.days.get(fact)
    just_it = (as_in(days, of(value), encoding.nodes),) if days is not None else ()
    return [record.there, record.one, record.may[cell], *just_it]
