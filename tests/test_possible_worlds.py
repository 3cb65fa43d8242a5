"""What an engine says of an incomplete record holds however the record is completed.

The oracle lists the completions of a record and works each of them out in plain two-valued Python, by the words of the
specification. It shares nothing with the engines: not their sets, not their logic, not their order.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from fractions import Fraction
from functools import cached_property
from itertools import islice
from math import ceil, floor
from operator import add, ge, gt, le, lt, mul, ne, sub
from random import Random
from typing import Any

import pytest
from strategies import AS_OF, DAYS, EXPERT, NUMBERS, Wanted, guideline_data, loaded, patient_of

from guidewright.engine.checks import check_truth
from guidewright.engine.compiled import evaluate_compiled
from guidewright.engine.outcome import Outcome
from guidewright.engine.plan import Plan, plan_of
from guidewright.engine.reference import evaluate_naively
from guidewright.engine.weighing import weigh
from guidewright.rules.conditions import (
    AllOf,
    AnyOf,
    Check,
    Compare,
    Condition,
    IsNone,
    Not,
    OneOf,
    SaidAs,
    Test,
    Within,
    is_about_the_record,
)
from guidewright.rules.conditions import Record as About
from guidewright.rules.conditions import tests_of as each_test
from guidewright.rules.derivation_order import inputs_of
from guidewright.rules.formulas import Arithmetic, AsOf, Call, Constant, Expression, FactValue, Negative, facts_in
from guidewright.rules.model import (
    Argument,
    BooleanType,
    Candidate,
    ChoicesType,
    ChoiceType,
    DateType,
    Fact,
    FactType,
    Formula,
    Guideline,
    Holds,
    IntegerType,
    QuantityType,
    Row,
    Rule,
    Score,
    Table,
    TextType,
    Weighing,
)
from guidewright.rules.patient import Entry, Patient, Record
from guidewright.rules.values import NONE, Span, Value, ValueSet, of, of_spans, union

EXAMPLES = int(os.environ.get("GUIDEWRIGHT_EXAMPLES", "0"))
MOST_WORLDS = 50

Worth = Any  # the value of a fact in one completion; `None` where there is no such value


# --- the oracle


class Impossible(Exception):
    """No patient is like this: what is computed lies outside the range, cannot be computed, or is not as recorded."""


def holds(condition: Condition, world: Mapping[str, Worth], g: Guideline, patient: Patient) -> bool:
    match condition:
        case AllOf(parts):
            return all(holds(part, world, g, patient) for part in parts)
        case AnyOf(parts):
            return any(holds(part, world, g, patient) for part in parts)
        case Not(part):
            return not holds(part, world, g, patient)
        case Test(fact, SaidAs(said)):
            return fact in patient.records and said in patient.records[fact].said
        case Test(fact, About(word)):
            # Only asked of complete records: one value is known of every fact that has one.
            return word == "known" and world[fact] is not None
        case Test(fact, check):
            return passes(check, world[fact], g.facts[fact].type if fact in g.facts else None)


def passes(check: Check, value: Worth, kind: FactType | None) -> bool:
    if value is None or isinstance(check, IsNone):
        return value is None and isinstance(check, IsNone)
    order = [option.id for option in kind.options] if isinstance(kind, ChoiceType) else []

    def key(value: Worth) -> Any:
        return order.index(value) if order else value

    match check:
        case OneOf(literals):
            wanted = {literal.value for literal in literals}
            return bool(wanted & value) if isinstance(value, frozenset) else value in wanted
        case Compare(operator, literal):
            compare = {"<": lt, "<=": le, ">": gt, ">=": ge, "!=": ne}[operator]
            return bool(compare(key(value), key(literal.value)))
        case Within(low, high, low_open, high_open):
            above = key(value) > key(low.value) or (key(value) == key(low.value) and not low_open)
            return above and (key(value) < key(high.value) or (key(value) == key(high.value) and not high_open))
        case _:
            raise AssertionError(check)


def computed(e: Expression, world: Mapping[str, Worth]) -> Any:
    match e:
        case Constant(number, ""):
            return number
        case FactValue(fact):
            return world[fact]
        case AsOf():
            return AS_OF
        case Negative(operand):
            return -computed(operand, world)
        case Arithmetic("/", left, right):
            if computed(right, world) == 0:
                raise Impossible
            return Fraction(computed(left, world)) / computed(right, world)
        case Arithmetic(operator, left, right):
            return {"+": add, "-": sub, "*": mul}[operator](computed(left, world), computed(right, world))
        case Call(function, arguments):
            of_days: Callable[..., Any] = lambda start, end: (end - start).days  # noqa: E731
            rounds: Callable[..., Any] = lambda x: (1 if x > 0 else -1) * floor(abs(x) + Fraction(1, 2))  # noqa: E731
            by = {"min": min, "max": max, "abs": abs, "floor": floor, "ceil": ceil, "round": rounds}
            return (by | {"days_between": of_days})[function](*(computed(argument, world) for argument in arguments))
    raise AssertionError(e)


def derived(fact: Fact, world: Mapping[str, Worth], g: Guideline, patient: Patient) -> Worth:
    def by_formula(e: Expression) -> Worth:
        found = None if any(world[name] is None for name in facts_in(e)) else computed(e, world)
        if isinstance(fact.type, IntegerType) and found is not None and found != floor(found):
            raise Impossible
        return found

    match fact.derivation:
        case Formula(expression):
            return by_formula(expression)
        case Holds(condition):
            return holds(condition, world, g, patient)
        case Score(rows):
            return sum(row.points or 0 for row in rows if holds(row.when, world, g, patient))
        case Table():
            row = first(fact.derivation, world, g, patient)
            return None if row is None else row.value if row.formula is None else by_formula(row.formula)
    raise AssertionError(fact)


def first(table: Table, world: Mapping[str, Worth], g: Guideline, patient: Patient) -> Row | None:
    return next((row for row in table.rows if holds(row.when, world, g, patient)), table.otherwise)


def allowed(fact: Fact, world: Mapping[str, Worth], g: Guideline, patient: Patient) -> Collection[Worth]:
    """What a fact may be, once those before it are settled. Raises `Impossible`."""
    record = patient.records.get(fact.id)
    applies = fact.only_if is None or holds(fact.only_if, world, g, patient)
    if not applies or fact.derivation is None:
        return listed(record.values, fact.type) if record else every_value(fact.type) if applies else [None]
    value = derived(fact, world, g, patient)
    if value is not None and not within_range(value, fact.type):
        raise Impossible
    if record is not None:
        by = fact.tolerance if fact.tolerance is not None and from_data(fact, g, patient) else 0
        if not any(agree(value, said, by) for said in ends(record.values)):
            raise Impossible
    return [value]


def from_data(fact: Fact, g: Guideline, patient: Patient) -> bool:
    """Whether everything that a fact follows from is recorded: else it is the record that says how exact it is."""
    inputs = [g.facts[id] for id in inputs_of(fact)]
    return all(f.id in patient.records or (f.derivation and from_data(f, g, patient)) for f in inputs)


def agree(value: Worth, said: Worth, by: Any) -> bool:
    """Whether what is computed is as recorded: `said` is a value, or two ends and what lies between, or so near."""
    if value is None or not isinstance(said, Span):
        return bool(value == said)
    by = timedelta(days=int(by)) if isinstance(value, date) else by
    low, high = said.low, said.high
    above = low is None or value > low - by or (value == low - by and not said.low_open)
    return above and (high is None or value < high + by or (value == high + by and not said.high_open))


@dataclass
class World:
    """One completion, and all that the guideline says of it."""

    g: Guideline
    patient: Patient
    values: dict[str, Worth]

    def holds(self, condition: Condition | None) -> bool:
        return condition is not None and holds(condition, self.values, self.g, self.patient)

    def speaks(self, argument: Argument) -> bool:
        return self.holds(argument.when) and not self.holds(argument.unless)

    def confirmed(self, weighing: Weighing) -> Worth:
        sure = [c for c in weighing.candidates if any(a.confirms and self.speaks(a) for a in c.arguments)]
        clear = len(sure) == 1 and not any(a.excludes and self.speaks(a) for a in sure[0].arguments)
        return sure[0].id if clear else None

    def net(self, candidate: Candidate) -> Any:
        return sum(argument.weight for argument in candidate.arguments if self.speaks(argument))

    def replaces(self, other: Rule, rule: Rule) -> bool:
        if rule.id in other.overrides:
            return True
        done: set[str] = set()
        waiting = list(rule.acts) if rule.kind in ("do", "consider") else []
        while waiting:
            done.add(action := waiting.pop())
            waiting += [part] if (part := self.g.actions[action].part_of) else []
        return other is not rule and other.id not in rule.despite and not done.isdisjoint(other.stops)

    @cached_property
    def statuses(self) -> dict[str, str]:
        found: dict[str, str] = {}

        def status(rule: Rule) -> str:
            if rule.id not in found:
                over = any(status(o) == "fired" for o in self.g.rules.values() if self.replaces(o, rule))
                dead = not self.holds(self.g.applies) or not self.holds(rule.when) or self.holds(rule.unless)
                found[rule.id] = "not_fired" if dead else "overridden" if over else "fired"
            return found[rule.id]

        rows = {row.id: self.row(fact, row) for fact in self.g.facts.values() for row in rows_of(fact)}
        return {id: status for id, status in rows.items() if id} | {id: status(r) for id, r in self.g.rules.items()}

    def row(self, fact: Fact, row: Row) -> str:
        table = fact.derivation
        reached = first(table, self.values, self.g, self.patient) is row if isinstance(table, Table) else True
        return "fired" if self.holds(self.g.applies) and reached and self.holds(row.when) else "not_fired"


def worlds(g: Guideline, patient: Patient, random: Random | None = None) -> Iterator[World | None]:
    """Every completion of a record, or with `random` one of them, the order of the facts being that of the file;
    `None` for one that cannot be.
    """

    def completed(values: dict[str, Worth], rest: tuple[Fact, ...]) -> Iterator[World | None]:
        if not rest:
            world = World(g, patient, values)
            for weighing in g.weighings.values():
                values[f"{weighing.id}.confirmed"] = world.confirmed(weighing)
            yield world
            return
        try:
            options = allowed(rest[0], values, g, patient)
        except Impossible:
            yield None
            return
        for value in options if random is None else [random.choice(list(options))]:
            yield from completed({**values, rest[0].id: value}, rest[1:])

    return completed({}, tuple(g.facts.values()))


# --- finite sets


def rows_of(fact: Fact) -> tuple[Row, ...]:
    return fact.derivation.all_rows if isinstance(fact.derivation, Table) else getattr(fact.derivation, "rows", ())


def every_value(kind: FactType) -> list[Worth]:
    match kind:
        case BooleanType():
            return [True, False]
        case ChoiceType(options):
            return [option.id for option in options if not option.may_be]
        case ChoicesType(options):
            names = [option.id for option in options if not option.may_be]
            return [frozenset(n for i, n in enumerate(names) if bits >> i & 1) for bits in range(1 << len(names))]
        case IntegerType(run):
            low = run.low if isinstance(run.low, int) else -1
            return list(range(low, (run.high if isinstance(run.high, int) else low + 5) + 1))
        case QuantityType():
            return [Fraction(str(n)) for n in NUMBERS if within_range(Fraction(str(n)), kind)]
        case DateType():
            days = [date.fromisoformat(day) for day in DAYS]
            return [day for day in days if within_range(day, kind)]
        case TextType():
            return ["words"]


def is_finite(kind: FactType) -> bool:
    """Whether `every_value` really lists every value."""
    if isinstance(kind, IntegerType):
        return kind.range.low is not None and kind.range.high is not None
    return isinstance(kind, BooleanType | ChoiceType | ChoicesType)


def within_range(value: Worth, kind: FactType) -> bool:
    if isinstance(kind, DateType):
        return kind.future or value <= AS_OF
    return not isinstance(kind, IntegerType | QuantityType) or in_run(value, kind.range)


def in_run(value: Any, run: Span) -> bool:
    low: Any = run.low
    high: Any = run.high
    above = low is None or value > low or (value == low and not run.low_open)
    return above and (high is None or value < high or (value == high and not run.high_open))


def some_worlds(g: Guideline, patient: Patient, random: Random) -> list[World | None]:
    """Every completion, or where they are many, some."""
    found = list(islice(worlds(g, patient), MOST_WORLDS))
    if len(found) < MOST_WORLDS:
        return found
    return [world for _ in range(MOST_WORLDS) for world in worlds(g, patient, random)]


def contains(values: ValueSet, value: Worth) -> bool:
    if value is None:
        return values.none
    if isinstance(value, frozenset) and values.subsets_of is not None:
        return value <= values.subsets_of
    listed = isinstance(value, bool | str | frozenset)
    return value in values.values if listed else any(in_run(value, run) for run in values.spans)


def ends(values: ValueSet) -> list[Worth]:
    return [*values.values, *values.spans, *([None] if values.none else [])]


def listed(values: ValueSet, kind: FactType) -> list[Worth]:
    """The values of a recorded set: those written as points, and the whole numbers of a run."""
    found: list[Worth] = [*values.values, *([None] if values.none else [])]
    for run in values.spans:
        points = range(run.low, run.high + 1) if isinstance(run.low, int) and isinstance(run.high, int) else [run.low]
        found += points if isinstance(kind, IntegerType) else [run.low]
    return found


# --- random records


def recorded(fact: Fact, random: Random, most: int) -> Record:
    options = every_value(fact.type)
    chance = random.randrange(100)
    if chance < 6 and not isinstance(fact.type, TextType):
        return Record((Entry(NONE, "none"),), NONE)
    if isinstance(fact.type, ChoiceType) and chance < 30 and most > 1:
        vague = next((option for option in fact.type.options if option.may_be), None)
        if vague is not None:
            values = of(*vague.may_be)
            return Record((Entry(values, vague.id, vague.id),), values, frozenset({vague.id}))
    if isinstance(fact.type, IntegerType) and chance < 30 and most > 1:
        first, last = sorted(random.choices(options, k=2))
        run = of_spans([Span(first, last)])
        return Record((Entry(run, "a span"),), run)
    several = random.sample(options, min(len(options), random.choice([1, 1, 1, 2, 3][:most])))
    entries = tuple(Entry(union(of(value), NONE) if chance > 97 else of(value), str(value)) for value in several)
    values = entries[0].values
    for entry in entries[1:]:
        values = union(values, entry.values)
    return Record(entries, values)


def random_patient(g: Guideline, random: Random, complete: bool) -> Patient:
    records: dict[str, Record] = {}
    for fact in g.facts.values():
        if fact.derivation is not None:
            left_out = random.random() < (0.9 if complete else 0.75)
        else:
            left_out = random.random() < (0.1 if complete else 0.5) and is_finite(fact.type)
        if not left_out:
            records[fact.id] = recorded(fact, random, 1 if complete else 5)
    return Patient(None, AS_OF, records)


# --- what is held


def holds_in_every_world(plan: Plan, outcome: Outcome, possible: list[World]) -> None:
    g = plan.guideline
    tests = {test for rule in g.rules.values() for test in each_test(rule.when) if not is_about_the_record(test)}
    for world in possible:
        told = f"{world.values}"
        for id, value in world.values.items():
            if not isinstance(plan.program.kinds[id], TextType):
                assert contains(outcome.facts[id].values, value), f"{id} may be {value}: {told}"
        for test in tests:
            truth = check_truth(test.check, outcome.facts[test.fact], plan.program.kinds[test.fact])
            assert truth in (None, world.holds(test)), f"{test} is {truth}: {told}"
        assert outcome.applies in (None, world.holds(g.applies)), told
        for argument in plan.program.arguments:
            assert outcome.arguments[argument.id] in (None, world.speaks(argument)), f"{argument.id}: {told}"
        for step, answers in plan.program.decisions.items():
            for answer, truth in zip(answers, outcome.answers[step], strict=True):
                assert truth in (None, world.holds(answer.when)), f"{step}: {told}"
        for weighing in g.weighings.values():
            for weighed in weigh(weighing, outcome.arguments).candidates:
                assert weighed.low <= world.net(weighed.candidate) <= weighed.high, f"{weighed.candidate.id}: {told}"
        for id, status in outcome.rules.items():
            if id not in g.rules:
                if outcome.applies is not None:
                    assert status in ("open", world.statuses[id]), f"{id} is {status}: {told}"
            elif status == "not_fired":
                assert world.statuses[id] == "not_fired", f"{id}: {told}"
            elif status == "fired":
                assert world.holds(g.rules[id].when), f"{id}: {told}"


def as_in_the_only_world(outcome: Outcome, world: World) -> None:
    for id, value in world.values.items():
        known = outcome.facts[id].values
        if not isinstance(world.g.facts[id].type if id in world.g.facts else None, TextType):
            assert known == (NONE if value is None else of(as_value(value))), f"{id} is {value}, and {known}"
    assert dict(outcome.rules) == world.statuses
    assert outcome.applies is world.holds(world.g.applies)


def as_value(value: Worth) -> Value:
    whole = isinstance(value, Fraction) and value.denominator == 1
    return value.numerator if whole else value


# Kleene's logic over what is recorded says nothing about completions; it is held for complete records.
INCOMPLETE = Wanted(record_tests=False, problems=False)
COMPLETE = Wanted(problems=False)
BEYOND = ("months_between(", "years_between(", "exp(", "sqrt(", "ln(")


def made(seed: str, wanted: Wanted) -> tuple[Plan, Random]:
    """A random guideline whose formulas the oracle can compute."""
    random = Random(seed)
    while True:
        data = guideline_data(random, wanted)
        if not any(word in str(data["facts.yaml"]) for word in BEYOND):
            return plan_of(loaded(data)), random


def outcomes(plan: Plan, patient: Patient) -> Iterator[Outcome]:
    yield evaluate_naively(plan.program, patient)
    yield evaluate_compiled(plan.compiled, patient)


def check_incomplete(seed: str) -> int:
    plan, random = made(seed, INCOMPLETE)
    found = 0
    for _ in range(8):
        patient = random_patient(plan.guideline, random, complete=False)
        possible = [world for world in some_worlds(plan.guideline, patient, random) if world is not None]
        for outcome in outcomes(plan, patient):
            holds_in_every_world(plan, outcome, possible)
        found += len(possible)
    return found


def check_complete(seed: str) -> int:
    plan, random = made(seed, COMPLETE)
    found = 0
    for _ in range(20):
        patient = random_patient(plan.guideline, random, complete=True)
        only = list(islice(worlds(plan.guideline, patient), 2))
        if len(only) == 1 and only[0] is not None:
            for outcome in outcomes(plan, patient):
                as_in_the_only_world(outcome, only[0])
            found += 1
    return found


@pytest.mark.parametrize(("check", "examples", "least"), [(check_incomplete, 30, 5000), (check_complete, 100, 700)])
def test_possible_worlds(check: Callable[[str], int], examples: int, least: int) -> None:
    found = 0
    for number in range(EXAMPLES or examples):
        try:
            found += check(f"worlds{number}")
        except Exception as problem:
            problem.add_note(f"{check.__name__}('worlds{number}')")
            raise
    assert found >= least, "too few completions to say anything"


def test_the_oracle_is_able_to_object() -> None:
    plan, random = made("objection", INCOMPLETE)
    patient = random_patient(plan.guideline, random, complete=False)
    possible = [world for world in some_worlds(plan.guideline, patient, random) if world is not None]
    outcome = evaluate_compiled(plan.compiled, patient)
    fact = next(id for id, known in outcome.facts.items() if len(known.values.values) > 1)
    narrowed = {**outcome.facts, fact: replace(outcome.facts[fact], values=ValueSet())}
    with pytest.raises(AssertionError, match="may be"):
        holds_in_every_world(plan, replace(outcome, facts=narrowed), possible)


def test_what_is_recorded_may_stand_where_it_may_not_apply() -> None:
    """Where a derived fact does not apply, its record stands; so while that is open, the record may still stand."""
    number = {"label": "N", "type": "integer", "range": [0, 9]}
    facts = {
        "gate": {"label": "G", "type": "boolean"},
        "n": number,
        "d": {**number, "formula": "n + 0", "only_if": {"gate": True}, "tolerance": 2},
    }
    header = {"id": "g", "title": "T", "version": "1.0.0", "status": "s", "language": "en", "stages": ["s"]}
    stage = {"stage": "s", "title": "S", "rules": [{"id": "R", "do": "x", "when": {"d": ">= 3"}, **EXPERT}]}
    texts = {"guideline.yaml": header, "facts.yaml": {"facts": facts}, "1-s.yaml": {**stage, "beside": ["R"]}}
    plan = plan_of(loaded(texts))
    record = {"n": 1, "d": 3}
    for gate, status in ((True, "not_fired"), (False, "fired")):
        known = patient_of({**record, "gate": gate}, plan.guideline)
        assert evaluate_compiled(plan.compiled, known).rules["R"] == status
    assert evaluate_compiled(plan.compiled, patient_of(record, plan.guideline)).rules["R"] == "open"
