"""Programs and patients made of model objects, small by hand or at random, to put the engines under strain."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from fractions import Fraction
from itertools import count
from random import Random
from typing import Any, get_args

from guidewright.engine.program import Program, program_of
from guidewright.rules.conditions import (
    ALWAYS,
    AllOf,
    AnyOf,
    Check,
    Compare,
    Condition,
    IsNone,
    Literal,
    Not,
    OneOf,
    Operator,
    RecordWord,
    SaidAs,
    Test,
    Within,
)
from guidewright.rules.conditions import Record as About
from guidewright.rules.domains import precise_options, whole
from guidewright.rules.formulas import Arithmetic, AsOf, Call, Constant, FactValue
from guidewright.rules.model import (
    Answer,
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
    Option,
    QuantityType,
    Row,
    Rule,
    Score,
    Stage,
    Step,
    Table,
    TextType,
    Weighing,
)
from guidewright.rules.patient import Entry, Patient, Record
from guidewright.rules.units import Unit, parse_unit
from guidewright.rules.values import NONE, Span, Value, ValueSet, of, union

DAY = date(2021, 6, 15)
OPERATORS: tuple[Operator, ...] = get_args(Operator)


def millimetre() -> Unit:
    unit = parse_unit("mm")
    assert isinstance(unit, Unit)
    return unit


LENGTH = QuantityType(millimetre(), Span(None, None, True, True))
CHOICE = ChoiceType(
    (Option("a", "A"), Option("b", "B"), Option("c", "C"), Option("vague", "V", ("a", "b"))), ordered=True
)


def program(
    facts: Mapping[str, FactType | Fact],
    rules: Mapping[str, Condition] | Sequence[Rule] = (),
    weighings: Sequence[Weighing] = (),
    answers: Sequence[Condition] = (),
    applies: Condition = ALWAYS,
) -> Program:
    if isinstance(rules, Mapping):
        rules = [Rule(id, "do", id, "stage", when) for id, when in rules.items()]
    step = Step("step", "decision", "Which?", 1, answers=tuple(Answer("x", "step", when) for when in answers))
    return program_of(
        Guideline(
            *("id", "title", "1", "test", "en", "digest", (), (), {}, {}),
            facts={id: f if isinstance(f, Fact) else Fact(id, id, f) for id, f in facts.items()},
            sources={},
            stages=(Stage("stage", "Stage", (step,)),),
            rules={rule.id: rule for rule in rules},
            weighings={weighing.id: weighing for weighing in weighings},
            applies=applies,
        )
    )


def patient(known: Mapping[str, Value | ValueSet] | None = None) -> Patient:
    records = {id: v if isinstance(v, ValueSet) else of(v) for id, v in (known or {}).items()}
    return Patient(None, DAY, {id: Record((Entry(values, "-"),), values) for id, values in records.items()})


def is_(fact: str, value: Value = True) -> Test:
    return Test(fact, OneOf((Literal(value),)))


def booleans(number: int) -> list[str]:
    return [f"b{n}" for n in range(number)]


def flags(names: Iterable[str]) -> dict[str, FactType]:
    return dict.fromkeys(names, BooleanType())


class Maker:
    """Random programs of model objects, and random records for them."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.facts: dict[str, Fact] = {}
        self.kinds: dict[str, FactType] = {}
        self.numbers = count()

    def program(self) -> Program:
        random = self.random
        integer = IntegerType(Span(0, 9))
        pool = [BooleanType(), CHOICE, integer, LENGTH, DateType(), DateType(future=True), TextType()]
        several = ChoicesType((Option("1", "1"), Option("2", "2"), Option("odd", "O", ("1", "2"))))
        for kind in random.choices([*pool, several], k=random.randint(2, 9)):
            only_if = self.condition(1) if self.facts and random.random() < 0.3 else None
            self.add(Fact(f"f{next(self.numbers)}", "-", kind, only_if=only_if))
        for _ in range(random.randint(0, 5)):
            self.derive(integer)
        parts = [tuple(self.argument() for _ in range(random.randint(0, 3))) for _ in "pq"]
        candidates = tuple(Candidate(id, "-", part) for id, part in zip("pq", parts, strict=True))
        self.kinds["w.confirmed"] = ChoiceType(tuple(Option(c.id, "-") for c in candidates))
        return program(
            self.facts,
            [self.rule(number) for number in range(random.randint(1, 9))],
            [Weighing("w", "?", "stage", candidates)],
            [self.condition(2) for _ in range(2)],
            self.condition(1) if random.random() < 0.3 else ALWAYS,
        )

    def add(self, fact: Fact) -> None:
        self.facts[fact.id] = fact
        self.kinds[fact.id] = fact.type

    def derive(self, integer: FactType) -> None:
        random, id = self.random, f"f{next(self.numbers)}"
        rows = [Row(self.condition(1), f"row{id}-{n}" if random.random() < 0.7 else None) for n in range(3)]
        last = replace(rows.pop(), when=ALWAYS, value="c")
        lengths = [FactValue(fact) for fact, kind in self.kinds.items() if kind == LENGTH]
        days = [FactValue(fact) for fact, kind in self.kinds.items() if isinstance(kind, DateType)]
        made = [
            Fact(id, "-", BooleanType(), derivation=Holds(self.condition(2))),
            Fact(id, "-", CHOICE, derivation=Table(tuple(replace(row, value=random.choice("ab")) for row in rows))),
            Fact(id, "-", CHOICE, derivation=Table(tuple(replace(row, value="a") for row in rows), last)),
            Fact(id, "-", integer, derivation=Score(tuple(replace(row, points=random.randint(-1, 3)) for row in rows))),
        ]
        if lengths:
            half = Arithmetic(random.choice("+-*/"), random.choice(lengths), random.choice([*lengths, Constant(3)]))
            made.append(Fact(id, "-", LENGTH, derivation=Formula(half, "-"), tolerance=random.choice([None, 1])))
        if days:
            between = Call("days_between", (random.choice(days), AsOf()))
            made.append(Fact(id, "-", LENGTH, derivation=Formula(between, "-", empirical=True)))
        fact = random.choice(made)
        self.add(replace(fact, only_if=self.condition(1) if random.random() < 0.2 else None))

    def rule(self, number: int) -> Rule:
        random = self.random
        overrides = tuple(f"r{n}" for n in range(number) if random.random() < 0.15)
        unless = self.condition(1) if random.random() < 0.4 else None
        return Rule(f"r{number}", "do", "-", "stage", self.condition(3), unless, overrides=overrides)

    def argument(self) -> Argument:
        way = self.random.choice([{"weight": 1}, {"confirms": True}, {"excludes": True}])
        unless = self.condition(1) if self.random.random() < 0.3 else None
        return Argument(f"a{next(self.numbers)}", "-", self.condition(1), unless, **way)  # type: ignore[arg-type]

    def condition(self, depth: int) -> Condition:
        random = self.random
        if depth == 0 or random.random() < 0.2:
            fact = random.choice(list(self.kinds))
            return Test(fact, self.check(self.kinds[fact]))
        parts = tuple(
            self.condition(depth - 1) for _ in range(random.choice([0, 1, 2, 2, 3, 3, 4, 25 if depth == 1 else 5]))
        )
        return random.choice([AllOf(parts), AnyOf(parts), AnyOf(parts), Not(self.condition(depth - 1))])

    def check(self, kind: FactType) -> Check:
        random = self.random
        if isinstance(kind, TextType) or random.random() < 0.15:
            return About(random.choice(get_args(RecordWord)))
        if random.random() < 0.1:
            return IsNone()
        literals = [Literal(self.value(kind, for_test=True)) for _ in range(random.randint(1, 3))]
        if isinstance(kind, ChoicesType) or random.random() < 0.3:
            return SaidAs("odd") if isinstance(kind, ChoicesType) and random.random() < 0.1 else OneOf(tuple(literals))
        if isinstance(kind, BooleanType):
            return OneOf((literals[0],))
        if isinstance(kind, ChoiceType):
            return SaidAs("vague") if random.random() < 0.1 else Compare(random.choice(OPERATORS), literals[0])
        if random.random() < 0.3:
            low, high = sorted((literals[0].value, literals[-1].value))  # type: ignore[type-var]
            return Within(Literal(low), Literal(high), random.random() < 0.5, random.random() < 0.5)
        return Compare(random.choice(OPERATORS), literals[0])

    def value(self, kind: FactType, for_test: bool = False) -> Any:
        random = self.random
        match kind:
            case BooleanType():
                return random.random() < 0.5
            case ChoiceType():
                return random.choice(precise_options(kind))
            case ChoicesType():
                chosen = frozenset(option for option in "12" if random.random() < 0.5)
                return random.choice("12") if for_test else chosen
            case DateType():
                return date(2021, random.choice([1, 6]), random.choice([14, 15]))
            case IntegerType():
                return random.randint(0, 9)
            case _:
                return random.choice([0, 5, 10, Fraction(1, 3), Fraction(21, 2), Fraction(1, 10**5), 10**12, -7])

    def patient(self) -> Patient:
        records: dict[str, Record] = {}
        for id, fact in self.facts.items():
            if self.random.random() < (0.8 if fact.derivation else 0.3):
                continue
            values = self.values(fact.type)
            vague = fact.type == CHOICE and values == of("a", "b") and self.random.random() < 0.5
            records[id] = Record((Entry(values, "-"),), values, frozenset({"vague"} if vague else ()))
        return Patient(None, DAY, records)

    def values(self, kind: FactType) -> ValueSet:
        if isinstance(kind, TextType):
            return ValueSet(values=frozenset({"words"}))
        one = of(self.value(kind))
        choice = self.random.random()
        if choice < 0.7:
            return one
        if choice < 0.85:
            return union(one, of(self.value(kind)))
        return NONE if choice < 0.95 else whole(kind, DAY)
