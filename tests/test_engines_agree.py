"""Every engine answers the same for every guideline and every patient, and an answer never contradicts a later one."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from fractions import Fraction
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import AS_OF, EVERYTHING, EXAMPLES, Case, Recording, Wanted, cases, loaded, made_case, patient_of, tried
from test_reference import ENGINES

from guidewright.engine.assess import assess
from guidewright.engine.checks import truth_of
from guidewright.engine.compiled import evaluate_compiled, rule_statuses
from guidewright.engine.known import is_settled
from guidewright.engine.lockstep import Disagreement, Ready, answer, compare
from guidewright.engine.outcome import Outcome
from guidewright.engine.plan import Plan, plan_of
from guidewright.engine.program import conditions_of
from guidewright.engine.reference import evaluate_naively
from guidewright.engine.rete import compile_rete, evaluate_by_rete, rete_available
from guidewright.engine.three_valued import Truth
from guidewright.rules.conditions import Test, is_about_the_record
from guidewright.rules.conditions import tests_of as each_test
from guidewright.rules.domains import as_json, step_of
from guidewright.rules.model import ChoiceType, DateType, Fact, FactType
from guidewright.rules.values import Ordered, Span, ValueSet, whole_step

needs_rete = pytest.mark.skipif(not rete_available(), reason="durable_rules is not installed")

# What is settled later cannot turn a test round, but for what is about the record and for contradictions in it.
STEADY = Wanted(record_tests=False, unless=False, replacing=False, tolerance=False, applies=False)
AS_COMPUTED = Recording(derived=False, missing=50)


# --- properties, each over one case, so that a campaign can run them without hypothesis


def engines_agree(case: Case, by_rete: bool) -> None:
    plan = plan_of(case.guideline)
    rete = compile_rete(plan.program) if by_rete else None
    for patient in case.patients():
        naive = evaluate_naively(plan.program, patient)
        assert compare(naive, evaluate_compiled(plan.compiled, patient)) == ()
        fast = dict(zip((rule.id for rule in plan.program.rules), rule_statuses(plan.compiled, patient), strict=True))
        assert fast == {id: naive.rules[id] for id in fast}
        if rete is not None:
            outcome = evaluate_by_rete(rete, patient)
            assert compare(naive, outcome) == ()
            assert assess(plan, patient, outcome, "e") == assess(plan, patient, naive, "e")
        compiled = evaluate_compiled(plan.compiled, patient)
        assert assess(plan, patient, compiled, "e") == assess(plan, patient, naive, "e")


def nothing_is_raised(case: Case) -> None:
    plan = plan_of(case.guideline)
    for patient in case.patients():
        outcome = evaluate_compiled(plan.compiled, patient)
        shown = assess(plan, patient, outcome, "compiled").to_json()
        assert json.loads(json.dumps(shown)) == shown
        again = assess(plan, patient, outcome, "compiled").to_json()
        assert json.dumps(again) == json.dumps(shown)


def order_does_not_matter(case: Case) -> None:
    shuffled = copy.deepcopy(case.data)
    for file in ("1-first.yaml", "2-second.yaml"):
        case.random.shuffle(shuffled[file]["rules"])
    facts = list(shuffled["facts.yaml"]["facts"].items())
    case.random.shuffle(facts)
    shuffled["facts.yaml"]["facts"] = dict(facts)
    other = loaded(shuffled)
    here, there = plan_of(case.guideline), plan_of(other)
    for record in case.records:
        one = evaluate_compiled(here.compiled, patient_of(record, case.guideline))
        two = evaluate_compiled(there.compiled, patient_of(record, other))
        assert compare(one, two) == ()
        assert dict(one.rules) == dict(two.rules)


def learning_never_turns_a_test_round(case: Case) -> None:
    """Each step records one more fact; a test that was true is never false afterwards, or the other way round."""
    plan = plan_of(case.guideline)
    for record in case.records:
        first: dict[Test, Truth] = {}
        before: dict[Test, Truth] = {}
        for known, outcome in _learning(case, plan, record):
            now = _truths(plan, outcome)
            troubled = any(fact.problem for fact in outcome.facts.values())
            for test, truth in now.items():
                for earlier in (before.get(test), first.get(test)):
                    same = earlier is None or truth is earlier or (troubled and truth is None)
                    assert same, f"{test} was {earlier} and is {truth}, knowing {known}"
            first, before = first or now, now


def learning_never_turns_a_rule_round(case: Case) -> None:
    """Without `unless` and overriding, what has fired stays so, and what has not fired."""
    plan = plan_of(case.guideline)
    for record in case.records:
        before: Outcome | None = None
        for _, outcome in _learning(case, plan, record):
            before = before or outcome
            if any(fact.problem for fact in outcome.facts.values()):
                break
            for id, status in before.rules.items():
                assert status in ("open", outcome.rules[id]), id
            for id, truth in before.arguments.items():
                assert truth is None or truth is outcome.arguments[id], id
            assert before.applies in (None, outcome.applies)


def _learning(case: Case, plan: Plan, record: dict[str, Any]) -> Iterator[tuple[dict[str, Any], Outcome]]:
    """The outcome for a record, and again each time that one more of its facts is settled, in random order."""
    known = dict(record)
    facts = [fact for fact in case.guideline.facts.values() if fact.derivation is None]
    case.random.shuffle(facts)
    outcome = evaluate_compiled(plan.compiled, patient_of(known, case.guideline))
    yield known, outcome
    for fact in facts:
        if is_settled(outcome.facts[fact.id]):
            continue
        value = chosen(outcome.facts[fact.id].values, fact, case.random)
        if value is not None:
            known[fact.id] = value
            outcome = evaluate_compiled(plan.compiled, patient_of(known, case.guideline))
            yield known, outcome


def _truths(plan: Plan, outcome: Outcome) -> dict[Test, Truth]:
    """What is so, and not what is recorded."""
    tests = {test for condition in conditions_of(plan.program) for test in each_test(condition)}
    return {
        test: truth_of(test, outcome.facts.__getitem__, plan.program.kinds.__getitem__)
        for test in tests
        if not is_about_the_record(test)
    }


def chosen(values: ValueSet, fact: Fact, random: Random) -> Any:
    """One of the values that a fact may still have, as a record writes it; `None` where nothing can be chosen."""
    kind = fact.type
    found: list[Any] = [as_json(value, kind) for value in sorted(values.values, key=str)]
    if values.subsets_of is not None:
        found.append([value for value in sorted(values.subsets_of) if random.random() < 0.5])
    found += [as_json(value, kind) for run in values.spans for value in _inside(run, kind, random)]
    if values.none and not (isinstance(kind, ChoiceType) and any(option.id == "none" for option in kind.options)):
        found.append("none")
    return random.choice(found) if found else None


def _inside(run: Span, kind: FactType, random: Random) -> list[Ordered]:
    """Values of a run: its ends where they are reached, and one between."""
    low, high = run.low, run.high
    if step_of(kind) is not None:
        if low is None:
            ends_at = (AS_OF if isinstance(kind, DateType) else 1) if high is None else high
            return [whole_step(ends_at, -random.randrange(40))]
        last = whole_step(low, 40) if high is None else high
        return [low, last, whole_step(low, 1) if low != last else low]
    if low is None or high is None:
        end = low if low is not None else high
        return [0] if end is None else [end + 1 if low is not None else end - 1]  # type: ignore[operator]
    between = (Fraction(low) + Fraction(high)) / 2  # type: ignore[arg-type]
    ends = [end for end, is_open in ((low, run.low_open), (high, run.high_open)) if not is_open]
    return [*ends, between if between.denominator != 1 else between.numerator]


PROPERTIES: dict[str, tuple[Callable[[Case], None], Wanted, Recording]] = {
    "compiled": (lambda case: engines_agree(case, False), EVERYTHING, Recording()),
    "agree": (lambda case: engines_agree(case, True), EVERYTHING, Recording()),
    "raised": (nothing_is_raised, EVERYTHING, Recording()),
    "order": (order_does_not_matter, EVERYTHING, Recording()),
    "tests": (learning_never_turns_a_test_round, STEADY, AS_COMPUTED),
    "rules": (learning_never_turns_a_rule_round, STEADY, AS_COMPUTED),
}


# --- tests


def case(name: str, patients: int = 3) -> st.SearchStrategy[Case]:
    _, wanted, recording = PROPERTIES[name]
    return cases(wanted, recording, patients)


@needs_rete
@tried(12)
@given(case("agree", 4))
def test_every_engine_answers_the_same(made: Case) -> None:
    engines_agree(made, by_rete=True)


@tried(6)
@given(case("compiled", 4))
def test_the_compiled_engine_answers_as_the_reference(made: Case) -> None:
    engines_agree(made, by_rete=False)


@tried(5)
@given(case("raised"))
def test_nothing_is_raised_and_the_answer_is_json(made: Case) -> None:
    nothing_is_raised(made)


@tried(5)
@given(case("order"))
def test_the_order_in_the_files_does_not_matter(made: Case) -> None:
    order_does_not_matter(made)


@tried(5)
@given(case("tests"))
def test_learning_never_turns_a_test_round(made: Case) -> None:
    learning_never_turns_a_test_round(made)


@tried(4)
@given(case("rules"))
def test_learning_never_turns_a_rule_round(made: Case) -> None:
    learning_never_turns_a_rule_round(made)


@pytest.mark.parametrize("name", PROPERTIES)
def test_many_more(name: str) -> None:
    """The same properties on cases from a plain random source, which is many times faster than a shrinking one."""
    prove, wanted, recording = PROPERTIES[name]
    for seed in range(EXAMPLES or 40):
        if name == "agree" and not rete_available():
            continue
        try:
            prove(made_case(Random(f"{name}{seed}"), wanted, recording))
        except Exception as problem:
            problem.add_note(f"made_case(Random('{name}{seed}'), ...)")
            raise


def test_lockstep_answers_with_both_engines() -> None:
    for seed in range(5):
        made = made_case(Random(f"lockstep{seed}"))
        ready = Ready(made.guideline)
        for patient in made.patients():
            assert not isinstance(answer(ready, patient), Disagreement)


def test_differences_are_told() -> None:
    made = made_case(Random("differences"))
    plan = plan_of(made.guideline)
    one = evaluate_compiled(plan.compiled, made.patients()[0])
    rule, fact = next(iter(one.rules)), next(iter(one.facts))
    other = replace(
        one,
        rules={**one.rules, rule: "overridden" if one.rules[rule] != "overridden" else "fired"},
        facts={**one.facts, fact: replace(one.facts[fact], values=ValueSet())},
    )
    assert [(d.what, d.id) for d in compare(one, other)] == [("rule", rule), ("fact", fact)]
    assert [d.what for d in compare(one, replace(one, applies=not one.applies))] == ["applies"]


FORMULA_CORNERS = {
    "n": {"label": "N", "type": "integer", "range": [0, 4], "only_if": {"gate": True}},
    "gate": {"label": "G", "type": "boolean"},
    "over": {"label": "O", "type": "quantity", "unit": "1", "range": [0, 100], "formula": "10 / n"},
    "small": {"label": "S", "type": "integer", "range": [0, 3], "formula": "n + 10"},
    "row": {
        "label": "R",
        "type": "quantity",
        "unit": "1",
        "range": [0, 9],
        "table": [{"when": {"gate": False}, "formula": "1 / (n - n)"}],
    },
}


@pytest.mark.parametrize("fact", ["over", "small", "row"])
def test_what_cannot_be_computed_may_still_be_none(fact: str) -> None:
    """A fact whose input may not apply may be none, though nothing can be computed for the rest."""
    data = {
        "guideline.yaml": {
            "id": "g",
            "title": "T",
            "version": "0.1.0",
            "status": "s",
            "language": "en",
            "stages": ["s"],
        },
        "facts.yaml": {"facts": FORMULA_CORNERS},
        "1-s.yaml": {
            "stage": "s",
            "title": "S",
            "beside": ["R"],
            "rules": [{"id": "R", "do": "x", "when": {fact: ">= 0"}, "expert": True}],
        },
    }
    guideline = loaded(data)
    plan = plan_of(guideline)
    for run in ENGINES.values():
        assert run(plan, patient_of({}, guideline)).rules["R"] == "open"
        assert run(plan, patient_of({}, guideline)).facts[fact].values.none
        settled = {"gate": True, "n": "none"} if fact == "row" else {"gate": False}
        assert run(plan, patient_of(settled, guideline)).rules["R"] == "not_fired"
