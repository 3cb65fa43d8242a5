"""Formulas in the propositions: the time between dates, and formulas over a few whole numbers."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import product
from random import Random
from typing import Any

import pytest
from encoded_patients import any_record, ready
from strategies import AS_OF, EXAMPLES, patient_of
from test_encoding import LATER, small_guideline

import guidewright
from guidewright.engine.calendar_months import add_months, months_between
from guidewright.engine.plan import plan_of
from guidewright.engine.proofs.encoded_facts import truth_of
from guidewright.engine.proofs.encoding import encoding_of
from guidewright.engine.proofs.solving import Model, find, solver_of
from guidewright.engine.proofs.witness import Witness, prover_of, witness
from guidewright.rules.conditions import Literal, Test, Within
from guidewright.rules.model import DateType, Guideline
from guidewright.rules.patient import Patient, Record
from guidewright.rules.values import NONE, Span, of_spans, union, whole_step

SEEDS = EXAMPLES or 100
MONTH_ENDS = [date(2021, 2, 28), date(2020, 2, 29), date(2021, 1, 31), date(2020, 4, 30), date(2020, 12, 31)]
LIMITS = {"mo": [-13, -1, 0, 1, 2, 6, 12], "a": [-1, 0, 1, 2, 100], "d": [-31, 0, 1, 28, 30, 365]}
FUNCTIONS = {"mo": "months_between", "a": "years_between", "d": "days_between"}


def random_guideline(random: Random) -> Guideline:
    """Dates, the time between some of them, and tests of it."""
    facts: dict[str, Any] = {"gate": {"label": "G", "type": "boolean"}}
    for name in ("one", "two", "three"):
        facts[name] = {"label": name, "type": "date", "future": random.random() < 0.3}
        if random.random() < 0.2:
            facts[name]["only_if"] = {"gate": True}
    rules: dict[str, Any] = {}
    for name in ("first", "second"):
        unit = random.choice(["mo", "mo", "a", "d"])
        start, end = random.sample(["one", "two", "three", "as_of"], 2)
        fact = {"label": name, "type": "quantity", "unit": unit, "formula": f"{FUNCTIONS[unit]}({start}, {end})"}
        limits = LIMITS[unit]
        if random.random() < 0.5:
            fact["range"] = least, most = sorted(random.sample(limits, 2))
            limits = [limit for limit in limits if least <= limit <= most]
        if random.random() < 0.4:
            fact["tolerance"] = f"{random.choice(['1', '0.5', '20'])} {unit}"
        if random.random() < 0.2:
            fact["only_if"] = {"gate": True}
        facts[name] = fact
        for limit in random.sample(limits, min(3, len(limits))):
            rules[f"{name}-{limit}"] = {name: f"{random.choice(['<', '<=', '>', '>=', '!='])} {limit} {unit}"}
        rules |= {f"{name}-{word}": {name: word} for word in ("known", "unknown", "uncertain", "none")}
    rules["DAY"] = {random.choice(["one", "two", "three"]): f"{random.choice(['<=', '>'])} 2020-02-29"}
    return small_guideline(facts, rules)


def random_days(future: bool, random: Random) -> Record:
    """Days near each other and near the ends of months, as one, some, or runs of them."""
    spans: list[Span] = []
    for _ in range(random.choice([1, 1, 1, 2])):
        low = add_months(random.choice(MONTH_ENDS), random.choice([-12, -6, -1, 0, 1, 6, 12]))
        low = min(low + timedelta(days=random.randint(-2, 2)), AS_OF)
        high = low + timedelta(days=random.choice([0, 0, 1, 2, 3, 30, 31, 90, 400]))
        span = Span(low, high if future else min(high, AS_OF))
        if random.random() < 0.1:
            span = Span(None, span.high, True)
        elif future and random.random() < 0.1:
            span = Span(span.low, None, False, True)
        spans.append(span)
    values = of_spans(spans, step=whole_step)
    return Record((), union(values, NONE) if random.random() < 0.1 else values)


def test_the_time_between_random_dates() -> None:
    exact = 0
    for seed in range(SEEDS):
        random = Random(f"time{seed}")
        guideline = random_guideline(random)
        held = ready(plan_of(guideline), AS_OF)
        exact += len(held.encoding.gaps)
        for number in range(12):
            records: dict[str, Record] = {}
            for fact in guideline.facts.values():
                if isinstance(fact.type, DateType) and random.random() < 0.85:
                    records[fact.id] = random_days(fact.type.future, random)
                elif random.random() < 0.3:
                    records[fact.id] = any_record(held.encoding.shapes[fact.id], AS_OF, random)
            shown = {id: record.values for id, record in records.items()}
            patient = Patient("p", AS_OF, records)
            assert held.differences(patient, noise=number % 2 == 0) == [], f"seed {seed}: {shown}"
    assert exact > SEEDS * 1.9


def test_a_month_that_no_day_is_before() -> None:
    """From 28 February to 31 March it is more than a month, from 1 March less: none is just a month before."""
    time = {"label": "T", "type": "quantity", "unit": "mo", "range": [0, 100], "formula": "months_between(one, two)"}
    facts = {name: {"label": name, "type": "date"} for name in ("one", "two")}
    tests = {"JUST": {"time": "1 mo"}, "LESS": {"time": "< 1 mo"}, "KNOWN": {"time": "known"}}
    guideline = small_guideline({**facts, "time": time}, tests)
    held = ready(plan_of(guideline), AS_OF)
    days = ["2021-02-27", "2021-02-28", "2021-03-01", "[2021-02-28..2021-03-01]", "2021-02", "2021", "<= 2021-03-01"]
    days += ["[2021-01-28..2021-01-31]", "[2021-01-29..2021-01-31]", {"one_of": ["2021-01-29", "2021-01-31"]}]
    ends = ["2021-03-28", "2021-03-31", "[2021-03-29..2021-03-31]", "[2021-03-30..2021-04-01]", "2021-03", "2021-02-28"]
    for one, two in product(days, ends):
        for record in ({"one": one, "two": two}, {"one": two, "two": one}):
            assert held.differences(patient_of(record, guideline)) == [], record


def test_a_recorded_time_beside_recorded_dates() -> None:
    """Of few days each, only some times come out; of more, or without a first day, all in between."""
    time = {"label": "T", "type": "quantity", "unit": "mo", "formula": "months_between(one, two)"}
    facts = {name: {"label": name, "type": "date"} for name in ("one", "two")}
    tests = {"LESS": {"time": "< 1 mo"}, "MORE": {"time": "> 2 mo"}, "KNOWN": {"time": "known"}}
    days = [None, "none", "2021-02-01", "[2021-01-01..2021-02-28]", "[2021-01-01..2021-04-30]", "<= 2021-02-28"]
    said = ["1 mo", "1.1234 mo", "3 mo", "(1 mo..2 mo)", {"one_of": ["0.5 mo", "1.5 mo"]}, "> 1 mo", "none"]
    for tolerance in ({}, {"tolerance": "0.5 mo"}):
        guideline = small_guideline({**facts, "time": {**time, **tolerance}}, tests)
        held = ready(plan_of(guideline), AS_OF)
        for one, two, recorded in product(days, ["2021-03-15", "[2021-03-01..2021-05-31]", None], said):
            record = {"one": one, "two": two, "time": recorded}
            record = {id: value for id, value in record.items() if value is not None}
            assert held.differences(patient_of(record, guideline)) == [], record


@pytest.mark.parametrize("limits", [[-1, 1], [0, 6], [1, 2]])
def test_a_range_that_cuts_off_what_is_computed(limits: list[int]) -> None:
    time = {"label": "T", "type": "quantity", "unit": "mo", "range": limits, "formula": "months_between(day, as_of)"}
    facts = {"day": {"label": "D", "type": "date", "future": True}, "time": time}
    guideline = small_guideline(
        facts, {"KNOWN": {"time": "known"}, "NONE": {"time": "none"}, "LOW": {"time": "<= 1 mo"}}
    )
    for as_of in (AS_OF, LATER, date(2021, 3, 31)):
        held = ready(plan_of(guideline), as_of)
        for months, days, length in product((-6, -2, -1, 0, 1), (-1, 0, 1), (0, 1, 40, 100)):
            first = add_months(as_of, months) + timedelta(days=days)
            for said in (f"[{first}..{first + timedelta(days=length)}]", f"<= {first}", f">= {first}"):
                assert held.differences(patient_of({"day": said}, guideline, as_of)) == [], said


FORMULAS = ["a + b + c", "a - b", "a * a - b", "max(a, b, 1)", "a / b", "round(a / 2)", "2 * a", "floor(c / 2) + 3"]


@pytest.mark.parametrize("formula", FORMULAS)
@pytest.mark.parametrize("tolerance", [None, 1])
def test_few_whole_numbers(formula: str, tolerance: int | None) -> None:
    number = {"type": "integer", "range": [0, 2]}
    gate = {"gate": {"label": "G", "type": "boolean"}}
    numbers = {name: {"label": name, **number} for name in ("a", "b")} | {
        "c": {"label": "C", "type": "integer", "range": [0, 4], "only_if": {"gate": True}}
    }
    kind = {"type": "quantity", "unit": "1"} if "/ b" in formula else {"type": "integer"}
    derived = {"label": "D", **kind, "range": [0, 6], "formula": formula}
    if tolerance is not None:
        derived["tolerance"] = tolerance
    tests = {"LOW": {"d": "<= 2"}, "FOUR": {"d": 4}, "KNOWN": {"d": "known"}, "NONE": {"d": "none"}, "A": {"a": "> 0"}}
    guideline = small_guideline({**gate, **numbers, "d": derived}, tests)
    held = ready(plan_of(guideline), AS_OF)
    assert "d" in held.encoding.meetings
    random = Random(formula)
    said = (None, 0, 1, 2, ">= 1", {"one_of": [0, 2]}, "none")
    for a, b, c, gated, d in random.sample([*product(said, said, said, (None, True, False), (*said, 5))], 400):
        found = {"a": a, "b": b, "c": 3 if c == 1 else c, "gate": gated, "d": d}
        record = {id: value for id, value in found.items() if value is not None}
        assert held.differences(patient_of(record, guideline)) == [], record


def test_more_numbers_than_the_evaluator_goes_through_are_left_free() -> None:
    numbers = {name: {"label": name, "type": "integer", "range": [0, 8]} for name in ("a", "b")}
    guideline = small_guideline(
        {**numbers, "d": {"label": "D", "type": "integer", "formula": "a + b"}}, {"LOW": {"d": "< 3"}}
    )
    assert "d" not in ready(plan_of(guideline), AS_OF).encoding.meetings


# --- what is proved and found


FROM_DATES = {
    "months": ("mo", "months_between(one, two)"),
    "years": ("a", "years_between(one, two)"),
    "days": ("d", "days_between(one, two)"),
    "next": ("mo", "months_between(two, three)"),
    "whole": ("mo", "months_between(one, three)"),
}


def shown(when: dict[str, Any]) -> Witness | str:
    """A smallest patient for whom this is true of the time between dates, where only dates are recorded."""
    pytest.importorskip("z3")
    facts: dict[str, Any] = {name: {"label": name, "type": "date"} for name in ("one", "two", "three")}
    for name, (unit, formula) in FROM_DATES.items():
        facts[name] = {"label": name, "type": "quantity", "unit": unit, "formula": formula}
    prover = prover_of(plan_of(small_guideline(facts, {"R": when})).program, AS_OF)
    encoding = prover.encoding
    only_dates = [-encoding.records[name].there for name in FROM_DATES]
    fires = (*only_dates, encoding.rules["R"]["fired"])
    return witness(prover, fires, lambda outcome: outcome.rules["R"] == "fired")


@pytest.mark.parametrize(
    ("when", "dates"),
    [
        ({"months": ">= 12 mo", "years": "< 1 a"}, None),
        ({"months": "> 12 mo", "years": "<= 1 a"}, None),
        ({"months": "12 mo", "years": "1 a"}, 2),
        ({"months": "< 1 mo", "days": "30 d"}, 2),
        ({"months": "-1 mo", "days": "-28 d"}, 2),
        ({"months": "12 mo", "days": "366 d"}, 2),
        ({"months": ">= 6 mo", "next": ">= 6 mo", "whole": "< 11 mo"}, None),
        # From 31 August to 28 February, and from there to 28 August: half a year each, but not a whole one together.
        ({"months": ">= 6 mo", "next": ">= 6 mo", "whole": "< 12 mo"}, 3),
        ({"months": "uncertain", "one": "<= 2020-02-29", "two": "> 2020-02-29"}, 2),
    ],
)
def test_facts_that_follow_from_the_same_dates(when: dict[str, Any], dates: int | None) -> None:
    found = shown(when)
    if dates is None:
        assert found == "impossible"
    else:
        assert isinstance(found, Witness)
        assert len(found.facts) == dates


def test_a_patient_with_dates_that_are_easy_to_take_in() -> None:
    found = shown({"months": "[6 mo..7 mo]", "one": "known"})
    assert isinstance(found, Witness)
    one, two = (date.fromisoformat(found.facts[id]) for id in ("one", "two"))
    assert 6 <= months_between(one, two) <= 7
    assert AS_OF.year - 12 <= one.year <= AS_OF.year
    assert one.day == 1


def test_a_claim_about_days_of_the_leiomyosarcoma_guideline() -> None:
    """Resected in January, detected in August or later: metachronous, whatever else is recorded, also if the interval
    is, as far as it is no more than its tolerance off; in July, one day of January is too late.
    """
    z3 = pytest.importorskip("z3")
    assert z3
    program = guidewright.load("retroperitoneal-leiomyosarcoma").ready.plan.program
    january, august = within("2020-01-01", "2020-01-31"), within("2020-08-01", "2020-08-31")
    resected, july = Test("primary.resected_on", january), within("2020-07-01", "2020-07-31")
    later, sooner = Test("lesion.detected_on", august), Test("lesion.detected_on", july)
    encoding = encoding_of(program, date(2021, 1, 1), [resected, later, sooner])
    solver = solver_of(encoding.nodes, encoding.constraints)

    def fires(row: str, detected: Test, *also: int) -> str | Model:
        truths = [truth_of(test, encoding.states, encoding.shapes, encoding.nodes).yes for test in (resected, detected)]
        unrecorded = -encoding.records["lesion.interval"].there
        return find(solver, [*truths, unrecorded, encoding.applies.yes, *also, encoding.rules[row]["not_fired"]])

    assert find(solver, [encoding.rules["B-01"]["fired"]]) != "impossible"
    assert fires("B-01", later) == "impossible"
    assert fires("B-02", later) != "impossible"
    assert isinstance(fires("B-01", sooner, encoding.records["primary.resected_on"].one), Model)


def within(low: str, high: str) -> Within:
    return Within(Literal(date.fromisoformat(low)), Literal(date.fromisoformat(high)))
