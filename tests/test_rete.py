"""The production-rule engine answers as the reference does, and no fault of durable_rules can reach an answer."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from datetime import date
from fractions import Fraction
from itertools import count
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rete_programs import CHOICE, DAY, LENGTH, OPERATORS, Maker, booleans, flags, is_, patient, program

from guidewright.engine import rete as rete_module
from guidewright.engine.checks import check_truth
from guidewright.engine.outcome import Outcome
from guidewright.engine.program import Program
from guidewright.engine.reference import evaluate_naively
from guidewright.engine.rete import Rete, ReteError, ReteRefused, compile_rete, evaluate_by_rete, rete_available
from guidewright.engine.rete_host import Names, Network, definition, name_hash
from guidewright.engine.rete_rules import Book
from guidewright.rules.conditions import (
    ALWAYS,
    AllOf,
    AnyOf,
    Check,
    Compare,
    Condition,
    Literal,
    Not,
    OneOf,
    Test,
    Within,
)
from guidewright.rules.formulas import Arithmetic, Constant, FactValue
from guidewright.rules.model import (
    Argument,
    BooleanType,
    Candidate,
    ChoiceType,
    DateType,
    Fact,
    FactType,
    Formula,
    Holds,
    IntegerType,
    Option,
    Row,
    Rule,
    Table,
    Weighing,
)
from guidewright.rules.patient import Patient
from guidewright.rules.values import Number, Span, Value, of

pytestmark = pytest.mark.skipif(not rete_available(), reason="durable_rules cannot be imported")


def agree(made: Program, patients: Iterable[Patient]) -> Rete:
    """Hold the rules against the reference for these patients, twice each."""
    rete = compile_rete(made)
    for each in [*patients] * 2:
        assert evaluate_by_rete(rete, each) == evaluate_naively(made, each)
    return rete


# --- what it concludes


def test_true_false_and_open_are_three_conclusions() -> None:
    rules = [
        Rule("both", "do", "-", "s", AllOf((is_("a"), is_("b"))), unless=is_("c")),
        Rule("either", "do", "-", "s", AnyOf((is_("a"), Not(is_("b")))), overrides=("weaker",)),
        Rule("weaker", "consider", "-", "s", ALWAYS),
    ]
    rete = compile_rete(program(flags("abc"), rules))

    def statuses(**known: bool) -> list[str]:
        outcome = evaluate_by_rete(rete, patient(known))
        return [outcome.rules[id] for id in ("both", "either", "weaker")]

    assert statuses() == ["open", "open", "fired"]
    assert statuses(a=True) == ["open", "fired", "overridden"]
    assert statuses(a=False) == ["not_fired", "open", "fired"]
    assert statuses(a=True, b=True) == ["fired", "fired", "overridden"]
    assert statuses(a=True, b=True, c=True) == ["not_fired", "fired", "overridden"]
    assert statuses(a=False, b=True) == ["not_fired", "not_fired", "fired"]


def test_a_derived_fact_is_settled_before_the_rules_that_test_it() -> None:
    facts: dict[str, FactType | Fact] = {
        "size": LENGTH,
        "double": Fact("double", "-", LENGTH, derivation=Formula(Arithmetic("*", FactValue("size"), Constant(2)), "-")),
        "big": Fact("big", "-", BooleanType(), derivation=Holds(Test("double", Compare(">", Literal(20))))),
        "kind": Fact(
            "kind", "-", CHOICE, derivation=Table((Row(is_("big"), "big-a", "a"), Row(ALWAYS, "else-b", "b")))
        ),
    }
    rete = compile_rete(program(facts, {"r": is_("kind", "a")}))
    assert len(rete.rulebook.strata) == 3
    assert evaluate_by_rete(rete, patient({"size": 11})).rules == {
        "big-a": "fired",
        "else-b": "not_fired",
        "r": "fired",
    }
    assert evaluate_by_rete(rete, patient({"size": 10})).rules == {
        "big-a": "not_fired",
        "else-b": "fired",
        "r": "not_fired",
    }
    assert evaluate_by_rete(rete, patient()).rules == {"big-a": "open", "else-b": "open", "r": "open"}


# --- random programs


@settings(max_examples=80, derandomize=True, database=None, deadline=None)
@given(st.integers(0, 10**9))
def test_random_programs_mean_what_the_reference_says(seed: int) -> None:
    maker = Maker(Random(seed))
    agree(maker.program(), [maker.patient() for _ in range(4)])


# --- what goes into the engine

EDGES: list[Number] = [
    *(0, 1, 10, -10, 2**31 - 1, 2**31, 2**53, 2**53 + 1, 10**16, 10**40),
    *(Fraction(1, 3), Fraction(3, 10), Fraction(1, 10**5), Fraction(1, 10**7)),
    *(Fraction(2**53 + 1, 2), Fraction(10**20 + 1, 10**20)),
]


@pytest.mark.parametrize("literal", EDGES)
def test_a_number_is_never_rounded(literal: Number) -> None:
    fine = [Fraction(sign, 10**digits) for sign in (-1, 1) for digits in (0, 1, 3, 4, 9, 18, 30)]
    checks: list[Check] = [Compare(operator, Literal(literal)) for operator in OPERATORS]
    checks += [OneOf((Literal(literal), Literal(literal + 5))), Within(Literal(literal), Literal(literal + 1), True)]
    rules = {f"r{n}": Test("x", check) for n, check in enumerate(checks)}
    values = [literal, literal + 5, *(literal + step for step in fine), *EDGES]
    agree(program({"x": LENGTH}, rules), [patient({"x": value}) for value in values])


def said_to_the_engine(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    said: list[str] = []
    run = Network.run

    def listening(self: Network, ruleset: int, properties: Sequence[str]) -> list[str]:
        said.extend(properties)
        return run(self, ruleset, properties)

    monkeypatch.setattr(Network, "run", listening)
    return said


def test_only_whole_numbers_and_truths_go_in(monkeypatch: pytest.MonkeyPatch) -> None:
    """No text, null, exponent or decimal point, which it would compare, drop or read as the locale says."""
    said = said_to_the_engine(monkeypatch)
    for seed in range(20):
        maker = Maker(Random(seed))
        agree(maker.program(), [maker.patient() for _ in range(4)])
    assert len(said) > 1000
    assert [text for text in said if not re.fullmatch(r'"[px]\d+_*":(-?\d{1,10}|true|false)', text)] == []


@pytest.mark.parametrize(
    ("kind", "value", "check", "number"),
    [
        (LENGTH, Fraction(25, 2), Compare(">=", Literal(10)), 12500),
        (LENGTH, Fraction(1, 2), OneOf((Literal(Fraction(1, 3)), Literal(Fraction(1, 2)))), 1500),
        (IntegerType(Span(0, 9)), 7, Within(Literal(2), Literal(7)), 7),
        (CHOICE, "b", Compare("<", Literal("c")), 1),
        (BooleanType(), True, OneOf((Literal(True),)), 1),
        (DateType(), DAY, Compare("<=", Literal(DAY)), DAY.toordinal()),
    ],
)
def test_the_engine_compares_a_known_value_itself(
    monkeypatch: pytest.MonkeyPatch, kind: FactType, value: Value, check: Check, number: int
) -> None:
    rete = compile_rete(program({"x": kind}, {"r": Test("x", check), "not": Not(Test("x", check))}))
    said = said_to_the_engine(monkeypatch)
    monkeypatch.setattr(rete_module, "check_truth", lambda *_: pytest.fail("not the engine"))
    assert evaluate_by_rete(rete, patient({"x": value})).rules == {"r": "fired", "not": "not_fired"}
    assert said == [f'"p0":{number}']


def test_what_the_engine_cannot_compare_is_settled_before(monkeypatch: pytest.MonkeyPatch) -> None:
    rete = compile_rete(program({"x": LENGTH}, {"r": AllOf((Test("x", Compare(">", Literal(1))), is_("x", 3)))}))
    settled: list[Check] = []

    def listening(check: Check, known: Any, kind: FactType) -> bool | None:
        settled.append(check)
        return check_truth(check, known, kind)

    monkeypatch.setattr(rete_module, "check_truth", listening)
    assert evaluate_by_rete(rete, patient({"x": Fraction(1, 7)})).rules["r"] == "not_fired"
    assert evaluate_by_rete(rete, patient({"x": of(2, 3)})).rules["r"] == "open"
    assert evaluate_by_rete(rete, patient({"x": 2**31})).rules["r"] == "not_fired"
    assert len(settled) == 6


# --- the engine's limits

MANY = booleans(300)
SHAPES: dict[str, Callable[[], Condition]] = {
    "all of 300": lambda: AllOf(tuple(map(is_, MANY))),
    "any of 300": lambda: AnyOf(tuple(map(is_, MANY))),
    "not all of 21": lambda: Not(AllOf(tuple(map(is_, MANY[:21])))),
    "12 choices of 4": lambda: AllOf(tuple(AnyOf(tuple(map(is_, MANY[4 * n : 4 * n + 4]))) for n in range(12))),
    "nested 60 deep": lambda: deep(60, lambda part: part),
    "negated 60 deep": lambda: deep(60, Not),
    "40 operators": lambda: AllOf(tuple(AnyOf((is_(MANY[n]), Not(is_(MANY[n + 1])))) for n in range(0, 80, 2))),
    "nothing": lambda: AnyOf(()),
    "the same twice": lambda: AllOf(
        (AnyOf((is_("b1"), is_("b2"))), is_("b1"), AnyOf((is_("b2"), is_("b1"))), is_("b1"))
    ),
}


def deep(levels: int, inside: Callable[[Condition], Condition]) -> Condition:
    condition: Condition = is_("b0")
    for n in range(1, levels):
        condition = (AllOf, AnyOf)[n % 2]((is_(f"b{n}"), inside(condition)))
    return condition


@pytest.mark.parametrize("shape", SHAPES)
def test_a_condition_of_any_shape_fits(shape: str) -> None:
    condition = SHAPES[shape]()
    made = program(flags(MANY), {"r": condition, "not": Not(condition)})
    patterns = [lambda n: True, lambda n: False, lambda n: n % 2 == 0, lambda n: n % 4 != 1, lambda n: n == 17]
    all_known = [patient({id: pattern(n) for n, id in enumerate(MANY)}) for pattern in patterns]
    some_known = [patient({id: n % 3 == 0 for n, id in enumerate(MANY) if n % 7}) for n in range(2)]
    agree(made, [patient(), *all_known, *some_known])


def test_a_rule_does_not_fire_for_every_way_through_its_alternatives(monkeypatch: pytest.MonkeyPatch) -> None:
    condition = AllOf(tuple(AnyOf(tuple(map(is_, MANY[4 * n : 4 * n + 4]))) for n in range(6)))
    rete = compile_rete(program(flags(MANY[:24]), {"r": condition}))
    run, fired = Network.run, list[str]()
    monkeypatch.setattr(Network, "run", lambda *arguments: fired.extend(found := run(*arguments)) or found)
    assert evaluate_by_rete(rete, patient(dict.fromkeys(MANY[:24], True))).rules == {"r": "fired"}
    assert 24 < len(fired) < 100, "4 ** 6 ways are true"


def test_many_rules_fit() -> None:
    """600 first conditions, and 600 rules on one of them: durable_rules hangs at 512 and crashes at 256."""
    names = booleans(600)
    rules = {f"first{n}": is_(id) for n, id in enumerate(names)}
    rules |= {f"on{n}": AllOf((is_("b0"), is_(id))) for n, id in enumerate(names[1:])}
    rules |= {f"or{n}": AnyOf((is_("b0"), is_(id))) for n, id in enumerate(names[1:])}
    agree(program(flags(names), rules), [patient(dict.fromkeys(names, truth)) for truth in (True, False)])


def test_many_values_and_thresholds_fit() -> None:
    options = ChoiceType(tuple(Option(f"o{n}", "-") for n in range(600)))
    rules = {f"not{n}": Test("c", OneOf(tuple(Literal(f"o{m}") for m in range(600) if m != n))) for n in range(50)}
    rules |= {f"some{n}": Test("c", OneOf(tuple(Literal(f"o{n + m}") for m in range(9)))) for n in range(40)}
    rules |= {f"over{n}": Test("x", Compare(">", Literal(n))) for n in range(200)}
    known = [{"c": "o0", "x": 0}, {"c": "o49", "x": 1000}, {"c": "o20", "x": Fraction(199, 2)}, {"c": of("o1", "o2")}]
    agree(program({"c": options, "x": LENGTH}, rules), [patient(each) for each in known])


def test_beyond_its_limits_the_engine_fails() -> None:
    """Why the limits above are needed: which patient meets them depends on what is known."""
    network = Network([definition({f"t{n}": {f"x{n}": True} for n in range(70)})])
    assert len(network.run(0, [f'"x{n}":true' for n in range(60)])) == 60
    with pytest.raises(ReteError, match="303"):
        network.run(0, [f'"x{n}":true' for n in range(70)])
    assert network.run(0, ['"x1":true']) == ["t1"]


# --- names

ALIKE = ("costarring", "liquid")  # two words with the same 32-bit hash


def test_names_with_the_same_hash_are_told_apart() -> None:
    one, two = ALIKE
    assert name_hash(one) == name_hash(two)
    confused = Network([definition({"t": {one: True}})])
    assert confused.run(0, [f'"{two}":true']) == ["t"], "the engine compares names after all"
    names = Names()
    first, second = names.fresh(one), names.fresh(two)
    assert (first, second) == (one, two + "_")
    assert Network([definition({"t": {first: True}})]).run(0, [f'"{second}":true', '"x":1']) == []


def test_no_name_means_something_to_the_engine() -> None:
    names = Names()
    for word in ("sid", "id", "$and", "$s", "on"):
        assert name_hash(names.fresh(word)) != name_hash(word)
    rete = compile_rete(program(flags(MANY), {"r": SHAPES["all of 300"]()}))
    used = {name for text in rete.rulebook.definitions for name in re.findall(r'"([px]\d+_*)"', text)}
    assert len({name_hash(name) for name in used}) == len(used) > 300


# --- what one patient leaves to the next


class Failing:
    """The engine, but for a call that fails; with `after`, once the engine has done it."""

    def __init__(self, engine: Any, at: int, problem: BaseException, after: bool) -> None:
        self.engine, self.left, self.problem, self.after = engine, at, problem, after

    def __getattr__(self, name: str) -> Any:
        found = getattr(self.engine, name)
        return self.calling(found) if callable(found) and name != "error" else found

    def calling(self, call: Callable[..., Any]) -> Callable[..., Any]:
        def called(*arguments: Any) -> Any:
            self.left -= 1
            result = call(*arguments) if self.after or self.left else None
            if self.left == 0:
                raise self.problem
            return result

        return called


def leaking() -> tuple[Program, Patient, Patient]:
    names = booleans(6)
    rules: dict[str, Condition] = {f"r{id}": is_(id) for id in names}
    rules |= {"any": AnyOf(tuple(map(is_, names))), "all": AllOf(tuple(map(is_, names)))}
    return program(flags(names), rules), patient(dict.fromkeys(names, True)), patient({"b0": False})


@pytest.mark.parametrize("used", [True, False], ids=["used", "new"])
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("kind", ["engine", MemoryError, KeyboardInterrupt])
def test_a_patient_never_sees_the_facts_of_one_whose_run_failed(kind: Any, after: bool, used: bool) -> None:
    made, known, unknown = leaking()
    rete = compile_rete(made)
    engine: Any = rete.network._rules
    planted, raised = (engine.error, ReteError) if kind == "engine" else (kind, kind)
    expected = evaluate_naively(made, unknown)
    failing = Failing(engine, 0, planted("planted"), after)
    for at in count(1):
        rete = rete if used else compile_rete(made)
        if used:
            assert evaluate_by_rete(rete, unknown) == expected
        rete.network._rules, failing.left = failing, at
        with suppress(raised):
            evaluate_by_rete(rete, known)
        rete.network._rules = engine
        assert evaluate_by_rete(rete, unknown) == expected
        if failing.left > 0:
            break
    assert at > 20, "every call has failed once"


def tampered(network: Network, spoil: Callable[[Any, int], object]) -> None:
    for handle in network._idle.values():
        spoil(network._rules, handle)


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda engine, handle: engine.assert_fact(handle, '{"sid":"s","id":"g","on":1,"p0":1}'), "another fact"),
        (lambda engine, handle: engine.assert_fact(handle, '{"sid":"s","id":"f","on":1,"p0":1}'), "did not take"),
        (
            lambda engine, handle: engine.start_action_for_state(handle, dispatch(engine, handle)),
            "before its last rule",
        ),
    ],
    ids=["a fact left behind", "the same fact left behind", "an action left unfinished, which locks all rules"],
)
def test_what_was_left_behind_is_noticed(spoil: Callable[[Any, int], object], message: str) -> None:
    made = program(flags("a"), {"r": is_("a")})
    rete = agree(made, [patient({"a": True})])
    tampered(rete.network, spoil)
    with pytest.raises(ReteError, match=message):
        evaluate_by_rete(rete, patient({"a": False}))
    assert evaluate_by_rete(rete, patient({"a": False})) == evaluate_naively(made, patient({"a": False}))


def dispatch(engine: Any, handle: int) -> int:
    state: int = engine.assert_fact(handle, '{"sid":"s","id":"f","on":1,"p0":1}')[1]
    engine.start_action_for_state(handle, state)
    engine.retract_fact(handle, '{"sid":"s","id":"f","on":1,"p0":1}')
    return state


def test_contradictory_or_missing_conclusions_are_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    rete = compile_rete(program(flags("a"), {"r": is_("a")}))
    monkeypatch.setattr(Network, "run", lambda *_: ["t1", "f1"])
    with pytest.raises(ReteError, match="both true and false"):
        evaluate_by_rete(rete, patient({"a": True}))
    monkeypatch.setattr(Network, "run", lambda *_: [])
    with pytest.raises(ReteError, match="nothing from a known value"):
        evaluate_by_rete(rete, patient({"a": True}))


def test_threads_share_an_engine() -> None:
    maker = Maker(Random(5))
    made = maker.program()
    rete = compile_rete(made)
    patients = [maker.patient() for _ in range(40)]
    expected = [evaluate_naively(made, each) for each in patients]
    assert len({str(sorted(outcome.rules.items())) for outcome in expected}) > 10
    assert [evaluate_by_rete(rete, each) for each in patients] == expected
    rulesets = dict(rete.network._idle)

    def every(start: int) -> bool:
        order = [(start + n) % len(patients) for n in range(2 * len(patients))]
        return all(evaluate_by_rete(rete, patients[n]) == expected[n] for n in order)

    switching = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    try:
        with ThreadPoolExecutor(8) as pool:
            assert all(pool.map(every, range(16)))
    finally:
        sys.setswitchinterval(switching)
    assert rete.network._idle == rulesets, "every run used the same rulesets"


def test_the_same_patient_gets_the_same_answer_whoever_came_before() -> None:
    maker = Maker(Random(3))
    made = maker.program()
    rete = compile_rete(made)
    patients = [maker.patient() for _ in range(10)]
    alone: list[Outcome] = [evaluate_by_rete(compile_rete(made), each) for each in patients]
    for _ in range(3):
        maker.random.shuffle(order := list(range(10)))
        assert all(evaluate_by_rete(rete, patients[n]) == alone[n] for n in order)


def test_what_is_remembered_of_facts_without_a_record_holds_for_every_day() -> None:
    rete = compile_rete(program({"d": DateType()}, {"r": Test("d", Compare("<=", Literal(date(2021, 1, 1))))}))
    for day in (date(2020, 6, 15), date(2021, 6, 15), date(2020, 6, 15)):
        rule = "fired" if day.year == 2020 else "open"
        assert evaluate_by_rete(rete, replace(patient(), as_of=day)).rules == {"r": rule}


# --- memory, start-up, refusals


def resident() -> float:
    """The memory of this process, in MB."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096 / 1e6


needs_proc = pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="memory is read from /proc")


@needs_proc
@pytest.mark.slow
def test_memory_stays_flat_over_thousands_of_patients() -> None:
    made, known, unknown = leaking()
    rete = agree(made, [known, unknown])
    before = resident()
    for _ in range(1500):
        evaluate_by_rete(rete, known)
        evaluate_by_rete(rete, unknown)
    assert resident() - before < 30


@needs_proc
@pytest.mark.slow
def test_a_discarded_program_gives_its_memory_back() -> None:
    made, known, _ = leaking()
    before = resident()
    for _ in range(300):
        evaluate_by_rete(compile_rete(made), known)
    assert resident() - before < 30


def test_the_engine_is_imported_late() -> None:
    code = "import sys, guidewright.engine.rete; print(any('durable' in name for name in sys.modules))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "False\n"


def test_without_durable_rules_there_is_no_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "durable_rules_engine", None)
    assert not rete_available()
    with pytest.raises(ReteError, match="cannot be imported"):
        compile_rete(program(flags("a"), {"r": is_("a")}))


def test_what_cannot_be_known_in_time_is_refused() -> None:
    argument = Argument("g", "-", is_("w.confirmed", "p"), confirms=True)
    with pytest.raises(ReteRefused, match=r"`w\.confirmed` is needed before it can be known"):
        compile_rete(program(flags("a"), weighings=[Weighing("w", "?", "stage", (Candidate("p", "-", (argument,)),))]))
    with pytest.raises(ReteRefused, match="`b` is tested, and is no fact"):
        Book(program(flags("a"))).leaf_of(is_("b"))


def test_rulesets_are_plain_json() -> None:
    rete = compile_rete(program(flags("ab"), {"r": AllOf((is_("a"), Not(is_("b"))))}))
    tests, conditions = (json.loads(text) for text in rete.rulebook.definitions)
    assert tests["t1"] == {"all": [{"m": {"p0": 1}}]}
    assert tests["f1"] == {"all": [{"m": {"$neq": {"p0": 1}}}]}
    assert conditions["t3"] == {"all": [{"m": {"$and": [{"x1": True}, {"x2": False}]}}]}
    assert conditions["f3"] == {"all": [{"m": {"$or": [{"x1": False}, {"x2": True}]}}]}
    assert list(conditions) == ["t3", "f3", "last"]
