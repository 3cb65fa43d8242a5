"""What is asked: only facts of which two patients, alike in all else, get different answers.

The oracle lists the patients that a record leaves, evaluates each of them on the reference evaluator, and compares
those that differ in one fact. It knows nothing of diagrams.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import product
from pathlib import Path
from random import Random
from time import process_time
from typing import Any

import pytest
from strategies import (
    AS_OF,
    DAYS,
    EXAMPLES,
    NUMBERS,
    Recording,
    Wanted,
    guideline_data,
    loaded,
    patient_of,
    record_data,
)
from test_reference import guideline_of

import guidewright
from guidewright.engine.assess import assess
from guidewright.engine.assessment import Assessment
from guidewright.engine.checks import truth_of
from guidewright.engine.compiled import evaluate_compiled
from guidewright.engine.due import due_dates
from guidewright.engine.known import is_settled
from guidewright.engine.outcome import Outcome
from guidewright.engine.paths import path_through
from guidewright.engine.plan import Plan, plan_of
from guidewright.engine.program import conditions_of, rows_with_ids
from guidewright.engine.questions.possible_values import sample_values
from guidewright.engine.reference import evaluate_naively
from guidewright.engine.three_valued import Truth, all_of, negation
from guidewright.rules.cases import load_case
from guidewright.rules.condition_text import values_of
from guidewright.rules.conditions import Check, Condition, is_about_the_record
from guidewright.rules.conditions import tests_of as each_test
from guidewright.rules.domains import precise_options
from guidewright.rules.model import ChoicesType, DateType, Fact, IntegerType, Table, TextType
from guidewright.rules.patient import Entry, Patient, Record
from guidewright.rules.values import NONE, ValueSet, contains, number, of
from guidewright.shipped import shipped_folder

MOST_PATIENTS = 150

# Who is asked for a derived fact is not asked for what it follows from: two patients then differ in one that may follow
# from the other. Those are looked at on their own.
PLAIN = Wanted(questions=False)
ASKED_ITSELF = Wanted(record_tests=False)

B = {"label": "B", "type": "boolean"}

Settled = tuple[ValueSet | None, ...]


# --- the patients that a record leaves


def values_to_try(fact: Fact, known: ValueSet, may_say_none: bool, checks: list[Check], plan: Plan) -> list[ValueSet]:
    """Single values of all that tests can tell apart, as far as they are still possible."""
    kind = fact.type
    found: list[ValueSet] = []
    if isinstance(kind, TextType):
        found.append(of("words"))
    elif isinstance(kind, ChoicesType):
        options = precise_options(kind)
        subsets = [frozenset(o for i, o in enumerate(options) if bits >> i & 1) for bits in range(1 << len(options))]
        found += [of(s) for s in subsets if s in known.values or known.subsets_of is not None]
    elif known.values:
        found += [of(value) for value in sorted(known.values, key=str)]
    else:
        found += [of(value) for value in numbers_to_try(fact, known, checks, plan)]
    return [*found, NONE] if known.none and may_say_none else found


def numbers_to_try(fact: Fact, known: ValueSet, checks: list[Check], plan: Plan) -> list[Any]:
    cuts: list[Any] = sorted({v for check in checks for v in values_of(check)})
    for run in known.spans:
        cuts += [end for end in (run.low, run.high) if end is not None]
    cuts = sorted(set(cuts))
    feeds = any(fact.id in plan.program.inputs[other.id] and other.id not in plan.rows for other in plan.program.facts)
    feeds = feeds or any(rule.timing and rule.timing.start == fact.id for rule in plan.guideline.rules.values())
    if isinstance(fact.type, DateType):
        step: Any = AS_OF - AS_OF.replace(day=AS_OF.day - 1)
        found = [*cuts, *(c - step for c in cuts if c.year > 1), *(c + step for c in cuts), AS_OF]
        found += [AS_OF.fromisoformat(day) for day in DAYS] if feeds else []
    else:
        one = 1 if isinstance(fact.type, IntegerType) else Fraction(1, 1000)
        found = [*cuts, *(number(c - one) for c in cuts), *(number(c + one) for c in cuts), 0]
        found += [Fraction(str(n)) for n in NUMBERS if feeds]
    if feeds:
        cells = plan.compiled.cells[plan.compiled.places[fact.id]]
        found += sample_values(known, cells, AS_OF)
    wanted = (number(v) if isinstance(v, Fraction) else v for v in found)
    wanted = (v for v in wanted if not isinstance(fact.type, IntegerType) or isinstance(v, int))
    return sorted({v for v in wanted if any(contains(run, v) for run in known.spans)})


@dataclass
class Patients:
    """Everybody whom a record leaves, by the values of the facts that vary; `None` where a fact stays as it is."""

    varying: tuple[str, ...]
    outcomes: dict[Settled, Outcome]

    def pairs(self, fact: str) -> Iterator[tuple[Outcome, Outcome]]:
        """Two that differ in one fact, which is known of both."""
        at = self.varying.index(fact)
        groups: dict[Settled, list[Outcome]] = {}
        for values, outcome in self.outcomes.items():
            if values[at] is not None and is_settled(outcome.facts[fact]):
                groups.setdefault((*values[:at], *values[at + 1 :]), []).append(outcome)
        for group in groups.values():
            for other in group[1:]:
                yield group[0], other

    @property
    def complete(self) -> list[Outcome]:
        return [outcome for values, outcome in self.outcomes.items() if None not in values]


def patients_of(plan: Plan, patient: Patient, outcome: Outcome, as_they_are: bool) -> Patients | None:
    """`None` where they are too many. With `as_they_are` every fact may also stay as it is, else only those of whose
    record a test asks.
    """
    checks: dict[str, list[Check]] = {id: [] for id in plan.program.kinds}
    about_the_record = set()
    for condition in conditions_of(plan.program):
        for test in each_test(condition):
            checks[test.fact].append(test.check)
            if is_about_the_record(test):
                about_the_record.add(test.fact)
    varying: list[str] = []
    options: list[list[ValueSet | None]] = []
    for fact in plan.program.facts:
        known = outcome.facts[fact.id]
        if is_settled(known) or (fact.derivation is not None and fact.question is None):
            continue
        says_none = fact.id in patient.records or fact.derivation is not None
        values: list[ValueSet | None] = [*values_to_try(fact, known.values, says_none, checks[fact.id], plan)]
        stays = as_they_are or fact.id in about_the_record
        varying.append(fact.id)
        options.append([*values, None] if stays or not values else values)
    count = 1
    for each in options:
        count *= len(each)
    if count > MOST_PATIENTS:
        return None
    outcomes: dict[Settled, Outcome] = {}
    for values in product(*options):
        made = completed(plan, patient, dict(zip(varying, values, strict=True)))
        if made is not None:
            outcomes[values] = made
    return Patients(tuple(varying), outcomes)


def completed(plan: Plan, patient: Patient, values: Mapping[str, ValueSet | None]) -> Outcome | None:
    """The outcome for a patient of whom this is recorded too; `None` where that is contradicted. What does not apply
    has no value.
    """
    records = dict(patient.records)
    for fact in plan.program.facts:
        value = values.get(fact.id)
        if value is None:
            continue
        if value != NONE and fact.only_if is not None and fact.id not in patient.records:
            so_far = evaluate_naively(plan.program, Patient(None, AS_OF, records))
            if truth_for(fact.only_if, so_far, plan) is False:
                continue
        records[fact.id] = Record((Entry(value, "made"),), value)
    found = evaluate_naively(plan.program, Patient(None, AS_OF, records))
    return None if any(found.facts[id].conflict for id, value in values.items() if value is not None) else found


# --- what is said of them


def truth_for(condition: Condition | None, outcome: Outcome, plan: Plan) -> Truth:
    if condition is None:
        return False
    return truth_of(condition, outcome.facts.__getitem__, plan.program.kinds.__getitem__)


def rule_truth(id: str, outcome: Outcome, plan: Plan) -> Truth:
    """Whether a rule or a row holds, whatever may replace it."""
    rule = plan.guideline.rules.get(id)
    if outcome.applies is False:
        return False
    if rule is not None:
        return False if truth_for(rule.unless, outcome, plan) is True else truth_for(rule.when, outcome, plan)
    fact, row = next((fact, row) for fact, row in rows_with_ids(plan.program) if row.id == id)
    earlier: list[Condition] = []
    if isinstance(fact.derivation, Table):
        every = fact.derivation.all_rows
        earlier = [other.when for other in every[: next(i for i, other in enumerate(every) if other is row)]]
    return all_of([*(negation(truth_for(c, outcome, plan)) for c in earlier), truth_for(row.when, outcome, plan)])


def said_to(outcome: Outcome, plan: Plan) -> tuple[object, ...]:
    """All that the answer says to a patient."""
    ways = tuple(path_through(stage, outcome.answers) for stage in plan.guideline.stages)
    due = tuple(
        due_dates(rule.timing, outcome.facts[rule.timing.start], AS_OF)
        for rule in plan.guideline.rules.values()
        if outcome.rules[rule.id] == "fired" and rule.timing is not None and rule.timing.start is not None
    )
    held = tuple(rule_truth(id, outcome, plan) for id in outcome.rules)
    return held, tuple(outcome.rules.items()), tuple(outcome.arguments.items()), ways, outcome.applies, due


@dataclass(frozen=True)
class Open:
    """Something that cannot be said yet, the facts behind it, which of them are said to settle it, and what the answer
    takes it for now, where that can be said.
    """

    name: str
    facts: tuple[str, ...]
    asked: frozenset[str]
    says: bool | None
    truth: Callable[[Outcome], Truth]


def open_things(found: Assessment, plan: Plan) -> Iterator[Open]:
    settles = {question.fact: question.settles for question in found.ask}

    def asked(facts: tuple[str, ...], id: str) -> frozenset[str]:
        return frozenset(fact for fact in facts if id in settles.get(fact, ()))

    for id, rule in found.rules.items():
        groups = [(rule.needs, False), *((assumption.needs, True) for assumption in rule.assuming)]
        for facts, says in groups:
            yield Open(id, facts, asked(facts, id), says, lambda outcome, id=id: rule_truth(id, outcome, plan))  # type: ignore[misc]
    for weighing in found.weighing.values():
        for candidate in weighing.candidates:
            for argument in candidate.open:
                facts, id = argument.needs, argument.id
                yield Open(id, facts, asked(facts, id), False, lambda outcome, id=id: outcome.arguments[id])  # type: ignore[misc]
    for stage, path in found.paths.items():
        for step in path.steps:
            for assumption in step.assuming:
                asked_at_all = frozenset(fact for fact in assumption.needs if fact in settles)
                key = f"{stage}/{step.step}"
                position = [answer.text for answer in plan.program.decisions[key]].index(assumption.unless)

                def at(outcome: Outcome, key: str = key, position: int = position) -> Truth:
                    return outcome.answers[key][position] if comes_to(key, outcome, plan) else False

                yield Open(f"{key}/{position}", assumption.needs, asked_at_all, None, at)
        if path.stopped_at is not None and path.needs:
            key = f"{stage}/{path.stopped_at}"
            asked_at_all = frozenset(fact for fact in path.needs if fact in settles)

            def taken(outcome: Outcome, key: str = key) -> Any:
                return outcome.answers[key] if comes_to(key, outcome, plan) else None

            yield Open(key, path.needs, asked_at_all, None, taken)


def comes_to(key: str, outcome: Outcome, plan: Plan) -> bool:
    stage = next(stage for stage in plan.guideline.stages if stage.id == key.partition("/")[0])
    way = path_through(stage, outcome.answers)
    return way is not None and any(f"{stage.id}/{taken.step.id}" == key for taken in way.steps)


# --- what is held


def dense(random: Random, wanted: Wanted) -> dict[str, Any]:
    """A guideline of few facts and of rules that name the same ones again and again."""
    facts: dict[str, Any] = {
        "a": B,
        "b": {**B, "only_if": {"a": random.random() < 0.5}},
        "n": {"label": "N", "type": "integer", "range": [0, 2]},
        "k": {"label": "K", "type": "choice", "values": {"x": "X", "y": "Y", "z": "Z"}},
        "m": {"label": "M", "type": "integer", "range": [0, 9], "only_if": some_condition(random, "ak", 1)},
    }
    options: list[dict[str, Any]] = [
        {"type": "boolean", "holds": some_condition(random, "abnk", 1)},
        {"type": "integer", "formula": random.choice(["n + 1", "n * m", "n - 1"])},
        {
            "type": "boolean",
            "table": [{"when": some_condition(random, "abk", 1), "value": value} for value in (True, False)],
        },
        {"type": "integer", "score": [{"when": some_condition(random, "abnk", 0), "points": 1} for _ in range(2)]},
        {"type": "integer", "formula": "d + n"},
    ]
    facts["d"] = {"label": "D", **random.choice(options[:4])}
    if facts["d"]["type"] == "integer":
        facts["e"] = {"label": "E", **random.choice([options[0], options[4]])}
    if random.random() < 0.3:
        facts["d"]["only_if"] = some_condition(random, "abk", 0)
    names = [*facts, "a", "b", "k"]
    rules: list[dict[str, Any]] = []
    for i in range(5):
        rule = {"id": f"R{i}", "do": "x", "when": some_condition(random, names, 2, facts, wanted.record_tests)}
        if random.random() < 0.4:
            rule["unless"] = some_condition(random, names, 1, facts)
        rules.append(rule | {"expert": True})
    answers = [{"answer": f"A{i}", "when": some_condition(random, names, 1, facts), "go": "end"} for i in range(2)]
    answers += [{"answer": "Last", random.choice(["otherwise", "assumed"]): True, "go": "next"}]
    more = [{"answer": "B", "when": some_condition(random, names, 1, facts), "go": "end"}]
    more += [{"answer": "Last", "otherwise": True, "go": "end"}]
    steps = {"start": {"title": "S", "go": "d"}, "d": {"decide": "?", "answers": answers}}
    steps |= {"next": {"decide": "?", "answers": more}, "end": {"end": "E"}}
    header = {"id": "g", "title": "T", "version": "1.0.0", "status": "s", "language": "en", "stages": ["s"]}
    if random.random() < 0.2:
        header["applies"] = some_condition(random, "abk", 1)
    stage = {"stage": "s", "title": "S", "rules": rules, "pathway": steps, "beside": [rule["id"] for rule in rules]}
    return {"guideline.yaml": header, "facts.yaml": {"facts": facts}, "1-s.yaml": stage}


def some_condition(
    random: Random, names: Any, depth: int, facts: Mapping[str, Any] | None = None, about_records: bool = False
) -> dict[str, Any]:
    tests: dict[str, list[Any]] = {"a": [True, False], "b": [True, False], "k": ["x", ["y", "z"], "z"], "e": ["> 2"]}
    tests |= {"n": [1, "< 1", ">= 1"], "m": ["< 4", ">= 2", 9], "d": [True, False]}
    if facts is not None and facts["d"]["type"] == "integer":
        tests["d"] = ["> 1", 1, "<= 0"]
    if facts is not None and "e" in facts and facts["e"]["type"] == "boolean":
        tests["e"] = [True]
    found: dict[str, Any] = {}
    for name in random.sample(sorted(set(names)), random.randint(1, 2)):
        record = about_records and random.random() < 0.1
        found[name] = random.choice(["known", "unknown"] if record else tests[name])
    if depth:
        word = random.choice(["any", "all"])
        found[word] = [some_condition(random, names, depth - 1, facts, about_records) for _ in range(2)]
    return found


def only_what_matters_is_asked(seed: str, make: Make, wanted: Wanted, as_they_are: bool) -> tuple[int, int, int]:
    """How many facts were shown to matter, how many stand behind something to which they do not, how many of those are
    not asked.
    """
    random = Random(seed)
    data = make(random, wanted)
    plan = plan_of(loaded(data))
    shown = spared = unasked = 0
    for _ in range(4):
        recording = Recording(derived=wanted.questions and random.random() < 0.3, missing=random.choice([15, 30, 80]))
        patient = patient_of(record_data(data, random, recording), plan.guideline)
        outcome = evaluate_compiled(plan.compiled, patient)
        if outcome.applies is False:
            continue
        found = assess(plan, patient, outcome, "compiled")
        patients = patients_of(plan, patient, outcome, as_they_are)
        if patients is None or not patients.outcomes:
            continue
        for question in found.ask:
            if question.exact:
                pairs = patients.pairs(question.fact)
                assert any(said_to(a, plan) != said_to(b, plan) for a, b in pairs), question.fact
                shown += 1
        if as_they_are:
            continue
        for thing in open_things(found, plan):
            spared_here = set(thing.facts) - thing.asked
            for fact in spared_here & set(patients.varying):
                assert all(thing.truth(a) == thing.truth(b) for a, b in patients.pairs(fact)), (thing.name, fact)
            if spared_here and not thing.asked and thing.says is not None:
                assert all(thing.truth(o) in (None, thing.says) for o in patients.complete), thing.name
            spared += len(spared_here)
        behind = {fact for thing in open_things(found, plan) for fact in thing.facts}
        unasked += len(behind - {question.fact for question in found.ask})
    return shown, spared, unasked


Make = Callable[[Random, Wanted], dict[str, Any]]


@pytest.mark.parametrize(
    ("make", "wanted", "as_they_are", "examples", "least"),
    [
        (dense, PLAIN, False, 60, (120, 100, 20)),
        (guideline_data, PLAIN, False, 60, (30, 0, 0)),
        (guideline_data, ASKED_ITSELF, True, 40, (20, 0, 0)),
    ],
    ids=["dense", "plain", "asked-itself"],
)
def test_only_what_matters_is_asked(
    make: Make, wanted: Wanted, as_they_are: bool, examples: int, least: tuple[int, int, int]
) -> None:
    totals = [0, 0, 0]
    for number_of in range(EXAMPLES or examples):
        seed = f"asking{number_of}"
        try:
            found = only_what_matters_is_asked(seed, make, wanted, as_they_are)
        except Exception as problem:
            problem.add_note(f"only_what_matters_is_asked({seed!r}, ...)")
            raise
        totals = [total + one for total, one in zip(totals, found, strict=True)]
    assert all(total >= few for total, few in zip(totals, least, strict=True)), f"too little to say anything: {totals}"


# --- one by one


NUMBER = {"label": "N", "type": "quantity", "unit": "mm"}


def asked_of(facts: dict[str, Any], rules: dict[str, Any], record: dict[str, Any], **more: Any) -> Assessment:
    every = [{"id": id, "do": "x", "when": when} for id, when in rules.items()]
    plan = plan_of(guideline_of({"facts": facts, "rules": every, **more}))
    patient = patient_of(record, plan.guideline)
    return assess(plan, patient, evaluate_naively(plan.program, patient), "reference")


def exactness(found: Assessment) -> dict[str, bool]:
    return {question.fact: question.exact for question in found.ask}


def test_what_cannot_be_is_not_asked_for() -> None:
    facts = {"a": B, "b": B, "n": NUMBER}
    found = asked_of(facts, {"R": {"a": True, "all": [{"n": "< 3 mm"}, {"n": "> 5 mm"}]}, "S": {"b": True}}, {})
    assert found.rules["R"].needs == ("a", "n")
    assert exactness(found) == {"b": True}


def test_what_is_under_the_same_question_as_another() -> None:
    """Where the ward is not known, its beds are not: whoever has beds has a ward."""
    facts = {"ward": B, "beds": {**NUMBER, "only_if": {"ward": True}}, "c": B}
    found = asked_of(facts, {"R": {"beds": "> 3 mm", "any": [{"ward": True}, {"c": True}]}}, {})
    assert found.rules["R"].needs == ("ward", "beds", "c")
    assert exactness(found) == {"beds": True, "ward": True}


def test_what_holds_for_everybody_but_is_not_seen_through_is_asked_for() -> None:
    facts = {"a": B, "b": B}
    tautology = {"any": [{"a": True, "b": True}, {"a": True, "b": False}]}
    found = asked_of(facts, {"R": tautology}, {})
    assert exactness(found) == {"a": True}
    found = asked_of(facts, {"R": tautology}, {"a": True})
    assert found.rules["R"].status == "open"
    assert exactness(found) == {"b": False}
    assert not found.ask_is_exact
    assert found.to_json()["ask_method"] == "partly exact"


def test_a_rule_that_waits_for_the_record_waits_for_what_else_it_needs() -> None:
    found = asked_of({"a": B, "n": NUMBER}, {"R": {"a": True, "n": "unknown"}}, {})
    assert exactness(found) == {"a": True}


def test_of_what_follows_from_a_record_nothing_is_said() -> None:
    """It is known now that `p` applies, but not once `n` is recorded."""
    facts = {"a": B, "n": NUMBER, "p": {**B, "only_if": {"n": "unknown"}}}
    assert exactness(asked_of(facts, {"R": {"p": True, "a": True}}, {})) == {"a": False, "p": False}


def test_a_formula_of_many_values() -> None:
    """Days are many: two of them are found that differ, or the fact is asked as before."""
    facts = {
        "born": {"label": "Born", "type": "date"},
        "seen": {"label": "Seen", "type": "date"},
        "age": {"label": "Age", "type": "quantity", "unit": "a", "formula": "years_between(born, as_of)"},
        "wait": {"label": "Wait", "type": "quantity", "unit": "d", "formula": "days_between(born, seen)"},
        "a": B,
    }
    old = {"age": ">= 65 a", "a": True}
    assert exactness(asked_of(facts, {"R": old}, {})) == {"a": True, "born": True}
    assert exactness(asked_of(facts, {"R": old}, {"a": False})) == {}
    assert exactness(asked_of(facts, {"R": {"wait": "> 100 d"}}, {})) == {"born": True, "seen": True}
    # No date that was tried makes these exactly so many days.
    rare = exactness(asked_of(facts, {"R": {"wait": "777 d", "a": True}}, {"seen": "2021-01-01"}))
    assert rare == {"a": False, "born": False}


def test_the_day_from_which_dates_are_counted_is_asked_for() -> None:
    facts = {"a": B, "day": {"label": "Day", "type": "date"}}
    timing = {"id": "R", "do": "x", "when": {"a": True}, "timing": {"every": "3 mo", "from": "day"}}
    plan = plan_of(guideline_of({"facts": facts, "rules": [timing]}))
    patient = patient_of({"a": True}, plan.guideline)
    found = assess(plan, patient, evaluate_naively(plan.program, patient), "reference")
    assert [(q.fact, q.settles, q.exact) for q in found.ask] == [("day", ("R",), True)]


def test_what_takes_too_long_is_asked_as_before() -> None:
    """Every fact stands twice in a condition whose diagram grows with every pair."""
    count = 16
    facts = {f"f{i}": B for i in range(2 * count)}
    crossed = [{f"f{i}": True, f"f{count + i}": True} for i in range(count)]
    turned = [{f"f{i}": True, f"f{count + (i + 5) % count}": False} for i in range(count)]
    hard = {"all": [{"any": crossed}, {"any": turned}]}
    found = asked_of(facts | {"a": B}, {"R": hard, "S": {"a": True}}, {})
    assert exactness(found) == {"a": True} | dict.fromkeys(facts, False)
    assert found.to_json()["ask_method"] == "partly exact"
    again = asked_of(facts | {"a": B}, {"R": hard, "S": {"a": True}}, {})
    assert found.to_json()["ask"] == again.to_json()["ask"]


def test_what_a_rule_asks_for_is_asked_whatever_it_settles() -> None:
    rule = {"id": "R", "ask": ["n"], "says": "Ask", "when": {"a": True}}
    plan = plan_of(guideline_of({"facts": {"a": B, "n": NUMBER}, "rules": [rule]}))
    patient = patient_of({"a": True}, plan.guideline)
    found = assess(plan, patient, evaluate_naively(plan.program, patient), "reference")
    assert [(q.fact, q.reason, q.exact) for q in found.ask] == [("n", "rule", False)]
    assert found.ask_is_exact


def test_the_index_case_is_asked_exactly_and_fast() -> None:
    guideline = guidewright.load("retroperitoneal-leiomyosarcoma")
    plan = guideline.ready.plan
    folder = shipped_folder("retroperitoneal-leiomyosarcoma")
    assert folder is not None
    for name in ("V01-index-case-before-surgery", "empty-record"):
        case = load_case(Path(folder) / "cases" / f"{name}.yaml", plan.guideline).case
        assert case is not None
        outcome = evaluate_compiled(plan.compiled, case.patient)
        times: list[float] = []
        for _ in range(5):
            start = process_time()
            found = assess(plan, case.patient, outcome, "compiled")
            times.append(process_time() - start)
        assert found.ask
        assert found.ask_is_exact
        assert min(times) < 0.05
