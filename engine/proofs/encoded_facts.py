"""What is known about facts, as propositions: which values may still be, whether something is recorded, and what tests
of them then say.

A fact may be in any set of its cells (`engine.cells`), as its record leaves them; so a model of the propositions is
an incomplete record, and what a solver proves, it proves of every incomplete record.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from guidewright.engine.cells import Cells, value_bits
from guidewright.engine.proofs.propositions import FALSE, TRUE, Proposition, Propositions
from guidewright.rules.conditions import AllOf, AnyOf, Check, Condition, Not, OneOf, Record, SaidAs, Test
from guidewright.rules.domains import step_of, whole
from guidewright.rules.model import ChoicesType, FactType, TextType
from guidewright.rules.values import Span, Value, ValueSet, intersection, is_empty, of_spans, single, span


@dataclass(frozen=True, slots=True)
class Kleene:
    """A three-valued truth: known to be true, known to be false, or neither. Never both."""

    yes: Proposition
    no: Proposition

    @property
    def negation(self) -> Kleene:
        return Kleene(self.no, self.yes)


@dataclass(frozen=True, slots=True)
class Recorded:
    """The record of a fact: whether there is one, which cells it leaves, whether it names one value, and which
    imprecise values it names. `contains` says of a set of choices whether it holds one of those that a test asks for.
    """

    there: Proposition
    may: tuple[Proposition, ...]
    one: Proposition
    said: Mapping[str, Proposition]
    contains: Mapping[Check, Kleene]


@dataclass(frozen=True, slots=True)
class State:
    """What is known about a fact: the cells that it may be in (the last one: there is no value), whether one value is
    left, whether something is recorded or computed from data.
    """

    may: tuple[Proposition, ...]
    one: Proposition
    data: Proposition
    said: Mapping[str, Proposition]
    contains: Mapping[Check, Kleene]


@dataclass(frozen=True, slots=True)
class Worked:
    """What a derivation leaves: its cells, whether that is one value, whether no input is simply missing, and whether
    it fails because all that it gives is outside the range. `contains` as in a record. `covers` says of a cell of many
    values whether it leaves them all; where that is never known, nothing stands there.
    """

    may: tuple[Proposition, ...]
    one: Proposition
    from_data: Proposition
    fails: Proposition
    contains: Mapping[Check, Kleene]
    covers: tuple[Proposition, ...] = ()


@dataclass(frozen=True, slots=True)
class Shape:
    """The cells of a fact: those that hold a value that it can have at all, and those that hold one value only.
    `everything` are its values on the day of assessment.
    """

    cells: Cells
    kind: FactType
    everything: ValueSet
    possible: tuple[bool, ...]
    single: tuple[bool, ...]

    @property
    def none(self) -> int:
        """The cell that stands for having no value: the last one."""
        return len(self.possible)


def shape_of(cells: Cells, kind: FactType, as_of: date) -> Shape:
    count = cells.none.bit_length() - 1
    everything = whole(kind, as_of)
    if isinstance(kind, ChoicesType | TextType):
        # Their values are not told apart: one cell stands for them all. A text has one only where it is recorded.
        return Shape(cells, kind, everything, (isinstance(kind, ChoicesType),), (False,))
    inside = value_bits(cells, everything)
    possible = tuple(bool(inside >> i & 1) for i in range(count))
    return Shape(cells, kind, everything, possible, tuple(_holds_one(i, cells, kind, everything) for i in range(count)))


def _holds_one(cell: int, cells: Cells, kind: FactType, everything: ValueSet) -> bool:
    if not cells.cuts:
        # Without a cut the only cell of an ordered fact holds all its values.
        return bool(cells.bits) or single(everything) is not None
    return single(values_in(cell, cells, kind, everything)) is not None


def values_in(cell: int, cells: Cells, kind: FactType, everything: ValueSet) -> ValueSet:
    """The values of an ordered fact that lie in a cell."""
    cuts = cells.cuts
    if cell % 2:
        run: Span | None = Span(cuts[cell // 2], cuts[cell // 2])
    else:
        low = cuts[cell // 2 - 1] if cell else None
        high = cuts[cell // 2] if cell // 2 < len(cuts) else None
        run = span(low, high, low is not None, high is not None, step_of(kind))
    found = intersection(of_spans([run]), everything)
    return ValueSet() if is_empty(found) else found


def runs_of(shape: Shape) -> tuple[Span | None, ...]:
    """The values of each cell of an ordered fact: one run, or `None` where it holds none that the fact can have."""
    cells = (values_in(i, shape.cells, shape.kind, shape.everything) for i in range(shape.none))
    return tuple(cell.spans[0] if cell.spans else None for cell in cells)


# --- records


def record_of(id: str, shape: Shape, nodes: Propositions, constraints: list[Proposition]) -> Recorded:
    """Any record that a patient file can hold."""
    there = nodes.variable(f"{id} is recorded")
    if isinstance(shape.kind, ChoicesType | TextType):
        return _unlisted_record(id, there, shape, nodes, constraints)
    may = tuple(
        nodes.variable(f"the record of {id} allows cell {i}") if possible else FALSE
        for i, possible in enumerate((*shape.possible, True))
    )
    constraints.append(nodes.implies(there, nodes.any(may)))
    said: dict[str, Proposition] = {}
    for check, _, _ in shape.cells.pairs:
        if isinstance(check, SaidAs):
            said[check.value] = nodes.variable(f"the record of {id} says {check.value}")
            stands_for = _may_be(check.value, shape)
            constraints.append(nodes.implies(said[check.value], nodes.all((there, *(may[i] for i in stands_for)))))
    one = only_one(f"{id} is recorded as one value", may, shape, nodes, constraints)
    return Recorded(there, may, one, said, {})


def _may_be(value: str, shape: Shape) -> Sequence[int]:
    option = next(option for option in getattr(shape.kind, "options", ()) if option.id == value)
    return [shape.cells.bits[precise].bit_length() - 1 for precise in option.may_be]


def _unlisted_record(
    id: str, there: Proposition, shape: Shape, nodes: Propositions, constraints: list[Proposition]
) -> Recorded:
    """A text, of which only matters that it is there; or a set of choices, of which each test may say anything that
    does not contradict itself.
    """
    if isinstance(shape.kind, TextType):
        return Recorded(there, (TRUE, FALSE), there, {}, {})
    some, none = nodes.variable(f"the record of {id} gives a set"), nodes.variable(f"the record of {id} says none")
    one = nodes.variable(f"{id} is recorded as one set")
    constraints += [nodes.implies(there, nodes.any((some, none))), nodes.implies(one, nodes.all((there, some, -none)))]
    said: dict[str, Proposition] = {}
    for check, _, _ in shape.cells.pairs:
        if isinstance(check, SaidAs):
            said[check.value] = nodes.variable(f"the record of {id} says {check.value}")
            constraints.append(nodes.implies(said[check.value], nodes.all((there, some))))
    contains = any_contents(f"the record of {id}", there, (some, none), one, shape, nodes, constraints)
    return Recorded(there, (some, none), one, said, contains)


def any_contents(
    name: str,
    there: Proposition,
    may: tuple[Proposition, ...],
    one: Proposition,
    shape: Shape,
    nodes: Propositions,
    constraints: list[Proposition],
) -> dict[Check, Kleene]:
    """What each test of a set of choices says of what is `there`: anything that does not contradict itself."""
    contains: dict[Check, Kleene] = {}
    some, none = may[0], may[-1]
    for check in _tests_of_contents(shape):
        found = Kleene(nodes.variable(f"{name} holds one"), nodes.variable(f"{name} holds none of them"))
        constraints += [-nodes.all((found.yes, found.no)), nodes.implies(one, nodes.any((found.yes, found.no)))]
        constraints += [nodes.implies(nodes.all((there, none)), -found.yes)]
        constraints += [nodes.implies(nodes.all((there, -some)), found.no)]
        contains[check] = found
    return contains


def _tests_of_contents(shape: Shape) -> list[OneOf]:
    every = shape.cells.pairs if isinstance(shape.kind, ChoicesType) else ()
    return [check for check, _, _ in every if isinstance(check, OneOf)]


def only_one(
    name: str, may: Sequence[Proposition], shape: Shape, nodes: Propositions, constraints: list[Proposition]
) -> Proposition:
    """Whether one value is left of these cells. In a run of many values that is open, so it is a variable there."""
    *filled, none = may
    alone = nodes.all((nodes.exactly_one(filled), -none))
    if all(one for one, cell in zip(shape.single, filled, strict=True) if cell != FALSE):
        return alone
    exact = nodes.any(cell for one, cell in zip(shape.single, filled, strict=True) if one)
    one = nodes.variable(name)
    constraints += [nodes.implies(one, alone), nodes.implies(nodes.all((alone, exact)), one)]
    return one


# --- what is derived


def anything_in(shape: Shape) -> Worked:
    """What is known of a fact of which nothing is recorded or derived."""
    cells = tuple(TRUE if possible else FALSE for possible in shape.possible)
    one = TRUE if sum(shape.possible) == 1 and shape.single[shape.possible.index(True)] else FALSE
    contains: dict[Check, Kleene] = {check: Kleene(FALSE, FALSE) for check in _tests_of_contents(shape)}
    return Worked((*cells, FALSE), one, FALSE, FALSE, contains)


def listed_contents(
    values: Mapping[Value, Proposition], none: Proposition, shape: Shape, nodes: Propositions
) -> dict[Check, Kleene]:
    """What each test of a set of choices says, where these are the sets that it may be, or none."""
    contains: dict[Check, Kleene] = {}
    for check in _tests_of_contents(shape):
        asked = {literal.value for literal in check.literals}
        passes = {value: isinstance(value, frozenset) and bool(asked & value) for value in values}
        can_pass = nodes.any(may for value, may in values.items() if passes[value])
        can_fail = nodes.any((none, *(may for value, may in values.items() if not passes[value])))
        contains[check] = Kleene(-can_fail, -can_pass)
    return contains


def is_from_data(state: State, nodes: Propositions) -> Proposition:
    """Whether a fact is settled, or uncertain although something is recorded or computed (`known.all_from_data`)."""
    surely_none = nodes.all((state.may[-1], *(-cell for cell in state.may[:-1])))
    return nodes.any((state.data, state.one, surely_none))


# --- tests


def truth_of(condition: Condition, states: Mapping[str, State], shapes: Mapping[str, Shape], n: Propositions) -> Kleene:
    """The three-valued truth of a condition, by Kleene's strong tables."""
    match condition:
        case Test(fact, check):
            return test_truth(check, states[fact], shapes[fact], n)
        case Not(part):
            return truth_of(part, states, shapes, n).negation
        case AllOf(parts):
            return all_of([truth_of(part, states, shapes, n) for part in parts], n)
        case AnyOf(parts):
            return all_of([truth_of(part, states, shapes, n).negation for part in parts], n).negation


def all_of(truths: Sequence[Kleene], nodes: Propositions) -> Kleene:
    return Kleene(nodes.all(t.yes for t in truths), nodes.any(t.no for t in truths))


def any_of(truths: Sequence[Kleene], nodes: Propositions) -> Kleene:
    return all_of([truth.negation for truth in truths], nodes).negation


def test_truth(check: Check, state: State, shape: Shape, nodes: Propositions) -> Kleene:
    match check:
        case Record(word):
            text = isinstance(shape.kind, TextType)
            has_value = TRUE if text else nodes.any(state.may[:-1])
            several = nodes.all((-state.one, has_value))
            holds = {"known": state.one, "unknown": several, "uncertain": nodes.all((several, state.data))}[word]
            return Kleene(holds, -holds)
        case SaidAs(value):
            said = state.said.get(value, FALSE)
            return Kleene(said, -said)
        case _ if check in state.contains:
            return state.contains[check]
        case _ if isinstance(shape.kind, ChoicesType | TextType):
            # What is left is a test for having no value.
            return Kleene(nodes.all((-state.may[0], state.may[-1])), -state.may[-1])
        case _:
            passing, failing = shape.cells.masks[check]
            can_pass = nodes.any(cell for i, cell in enumerate(state.may) if passing >> i & 1)
            can_fail = nodes.any(cell for i, cell in enumerate(state.may) if failing >> i & 1)
            return Kleene(-can_fail, -can_pass)


test_truth.__test__ = False  # type: ignore[attr-defined]
