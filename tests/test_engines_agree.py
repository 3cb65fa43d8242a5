"""Every engine answers the same for every guideline and every patient, and an answer never contradicts a later one."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import AS_OF, EVERYTHING, Case, Recording, Wanted, cases, loaded, patient_of, tried

from guidewright.engine.assess import assess
from guidewright.engine.checks import truth_of
from guidewright.engine.compiled import evaluate_compiled, rule_statuses
from guidewright.engine.lockstep import Disagreement, Ready, answer, compare
from guidewright.engine.outcome import Outcome
from guidewright.engine.plan import Plan, plan_of
from guidewright.engine.program import conditions_of
from guidewright.engine.reference import evaluate_naively
from guidewright.engine.rete import compile_rete, evaluate_by_rete, rete_available
from guidewright.engine.three_valued import Truth
from guidewright.rules.conditions import Test, is_about_the_record, tests_of
from guidewright.rules.domains import as_json, step_of
from guidewright.rules.model import Fact, FactType, Guideline
from guidewright.rules.patient import Patient
from guidewright.rules.values import Ordered, Span, ValueSet, whole_step

needs_rete = pytest.mark.skipif(not rete_available(), reason="durable_rules is not installed")

# What is settled later cannot turn a test round, but for what is about the record and for contradictions in it.
STEADY = Wanted(record_tests=False, unless=False, replacing=False, tolerance=False)
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
        first = before = _truths(plan, patient_of(record, case.guideline))
        for known, now, outcome in _learning(case, plan, record):
            troubled = any(fact.problem for fact in outcome.facts.values())
            for test, truth in now.items():
                for earlier in (before[test], first[test]):
                    same = earlier is None or truth is earlier or (troubled and truth is None)
                    assert same, f"{test} was {earlier} and is {truth}, knowing {known}"
            before = now


def learning_never_turns_a_rule_round(case: Case) -> None:
    """Without `unless` and overriding, what has fired stays so, and what has not fired."""
    plan = plan_of(case.guideline)
    for record in case.records:
        before = evaluate_compiled(plan.compiled, patient_of(record, case.guideline))
        for _, _, outcome in _learning(case, plan, record):
            if any(fact.problem for fact in outcome.facts.values()):
                break
            for id, status in before.rules.items():
                assert status in ("open", outcome.rules[id]), id
            for id, truth in before.arguments.items():
                assert truth is None or truth is outcome.arguments[id], id
            assert before.applies in (None, outcome.applies)


def _learning(
    case: Case, plan: Plan, record: dict[str, Any]
) -> Iterator[tuple[dict[str, Any], dict[Test, Truth], Outcome]]:
    known = dict(record)
    facts = [fact for fact in case.guideline.facts.values() if fact.derivation is None]
    case.random.shuffle(facts)
    for fact in facts:
        outcome = evaluate_compiled(plan.compiled, patient_of(known, case.guideline))
        value = chosen(outcome.facts[fact.id].values, fact, case.random)
        if value is None:
            continue
        known[fact.id] = value
        patient = patient_of(known, case.guideline)
        yield known, _truths(plan, patient), evaluate_compiled(plan.compiled, patient)


def _truths(plan: Plan, patient: Patient) -> dict[Test, Truth]:
    outcome = evaluate_compiled(plan.compiled, patient)
    tests = {test for condition in conditions_of(plan.program) for test in tests_of(condition)}
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
    if values.none:
        found.append("none")
    return random.choice(found) if found else None


def _inside(run: Span, kind: FactType, random: Random) -> list[Ordered]:
    """Values of a run: its ends where they are reached, and one between."""
    low, high = run.low, run.high
    if step_of(kind) is not None:
        if low is None:
            assert high is not None or not run.high_open or True
            return [whole_step(high, -random.randrange(40))] if high is not None else [AS_OF if _dated(kind) else 1]
        last = whole_step(low, 40) if high is None else high
        return [low, last, whole_step(low, 1) if low != last else low]
    if low is None or high is None:
        end = low if low is not None else high
        return [0] if end is None else [end + 1 if low is not None else end - 1]  # type: ignore[operator]
    from fractions import Fraction

    between = (Fraction(low) + Fraction(high)) / 2  # type: ignore[arg-type]
    ends = [end for end, is_open in ((low, run.low_open), (high, run.high_open)) if not is_open]
    return [*ends, between if between.denominator != 1 else between.numerator]


def _dated(kind: FactType) -> bool:
    return type(kind).__name__ == "DateType"


PROPERTIES: dict[str, tuple[Callable[[Case], None], Wanted, Recording]] = {
    "compiled": (lambda case: engines_agree(case, False), EVERYTHING, Recording()),
    "agree": (lambda case: engines_agree(case, True), EVERYTHING, Recording()),
    "raised": (nothing_is_raised, EVERYTHING, Recording()),
    "order": (order_does_not_matter, EVERYTHING, Recording()),
    "tests": (learning_never_turns_a_test_round, STEADY, AS_COMPUTED),
    "rules": (learning_never_turns_a_rule_round, STEADY, AS_COMPUTED),
}
