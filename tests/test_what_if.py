"""What would change the answer: every proposal does it on the reference evaluator, and nothing smaller does."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from fractions import Fraction
from itertools import combinations, islice, product
from pathlib import Path
from random import Random
from typing import Any

import pytest
from click.testing import CliRunner, Result
from strategies import AS_OF, EXAMPLES, guideline_data, loaded, patient_of, record_data, small_texts

import guidewright
from guidewright.answer_words import Answer
from guidewright.commands import guidewright as command
from guidewright.embedding import answered
from guidewright.engine.assess import assess
from guidewright.engine.comparing import searching
from guidewright.engine.comparing import what_if as what_if_module
from guidewright.engine.comparing.changes import adds_no_contradiction, keeps_what_is_fixed
from guidewright.engine.comparing.searching import status_of
from guidewright.engine.comparing.what_if import MOST_CHANGES, Change, WhatIf, what_if
from guidewright.engine.outcome import Outcome, Status
from guidewright.engine.plan import plan_of
from guidewright.engine.program import Program, conditions_of
from guidewright.engine.reference import evaluate_naively
from guidewright.layout import Screen
from guidewright.markdown_answer import markdown_page
from guidewright.rules import conditions
from guidewright.rules.cases import load_case
from guidewright.rules.condition_text import values_of
from guidewright.rules.domains import precise_options, written
from guidewright.rules.model import BooleanType, ChoicesType, ChoiceType, Fact, Guideline, TextType
from guidewright.rules.patient import Patient, PatientRead, patient_from
from guidewright.rules.values import NONE, intersection
from guidewright.shipped import shipped_folder
from guidewright.text_answer import text_page
from guidewright.what_if_page import what_if_page

pytest.importorskip("z3")

SEEDS = EXAMPLES or 12
MOST_TRIED = 400
MOST_DRAWN = 12
LMS = "retroperitoneal-leiomyosarcoma"


def changed(patient: Patient, guideline: Guideline, facts: Mapping[str, Any]) -> Patient | None:
    read = patient_from(dict(facts), guideline, patient.as_of, patient.as_of)
    if read.patient is None:
        return None
    return Patient(patient.id, patient.as_of, {**patient.records, **read.patient.records})


def contradicts(before: Outcome, after: Outcome) -> bool:
    return any(
        (new.conflict is not None and before.facts[id].conflict is None)
        or (new.against_only_if and not before.facts[id].against_only_if)
        or (new.problem is not None and before.facts[id].problem is None)
        for id, new in after.facts.items()
    )


def alters_fixed(guideline: Guideline, before: Outcome, after: Outcome) -> bool:
    """Whether a fixed fact may now be what it could not be before."""
    return any(
        fact.fixed
        and not isinstance(fact.type, TextType)
        and before.facts[id].values != NONE
        and intersection(before.facts[id].values, after.facts[id].values) != after.facts[id].values
        for id, fact in guideline.facts.items()
    )


def is_wanted(was: Status, now: Status) -> bool:
    return now in ("not_fired", "overridden") if was == "fired" else now == "fired"


def held_against_the_evaluator(program: Program, patient: Patient, found: WhatIf) -> None:
    """Whatever is proposed does what it says, with any of the values that are shown together; nothing contradicts."""
    guideline, before = program.guideline, evaluate_naively(program, patient)
    assert found.status == status_of(found.id, before)
    assert bool(found.proposals) == (found.verdict == "found")
    assert len({len(proposal.changes) for proposal in found.proposals}) <= 1
    named = [frozenset(change.fact for change in proposal.changes) for proposal in found.proposals]
    assert len(set(named)) == len(named)
    for proposal in found.proposals:
        plain = {change.fact: change.written for change in proposal.changes}
        assert len(plain) == len(proposal.changes)
        assert {c.fact for c in proposal.changes if c.was_recorded} == set(plain) & set(patient.records)
        assert is_wanted(found.status, proposal.status)
        shown = [[(c.fact, value) for value in shown_values(c, program)] for c in proposal.changes]
        every = [dict(some) for some in islice(product(*shown), MOST_TRIED)]
        for facts in (plain, *Random(0).sample(every, min(MOST_DRAWN, len(every)))):
            after_change = changed(patient, guideline, facts)
            assert after_change is not None
            after = evaluate_naively(program, after_change)
            assert status_of(found.id, after) == proposal.status, facts
            assert not contradicts(before, after)
            assert not alters_fixed(guideline, before, after)
    for settling in found.alone:
        assert any(status != "open" for status, _ in settling.outcomes)
        assert not settling.always or all(status != "open" for status, _ in settling.outcomes)


def shown_values(change: Change, program: Program) -> list[Any]:
    """The values that a page shows of a change, of a run those at its ends, as a patient file says them."""
    kind, values = program.kinds[change.fact], change.values
    if change.said is not None or isinstance(kind, TextType) or values == NONE:
        return [change.written]
    assert not values.none
    assert values.subsets_of is None
    ends = {
        end
        for run in values.spans
        for end, is_open in ((run.low, run.low_open), (run.high, run.high_open))
        if end is not None and not is_open
    }
    listed = [sorted(value) if isinstance(value, frozenset) else value for value in sorted(values.values, key=str)]
    return [*listed, *(written(end, kind) for end in sorted(ends))] or [change.written]  # type: ignore[type-var]


# --- random guidelines, against brute force


def random_case(seed: str) -> tuple[Guideline, Patient, Random]:
    """A random guideline some of whose facts are fixed, and a patient."""
    random = Random(seed)
    data = guideline_data(random)
    for fact in data["facts.yaml"]["facts"].values():
        if random.random() < 0.25:
            fact["fixed"] = True
    guideline = loaded(data)
    return guideline, patient_of(record_data(data, random), guideline), random


def plain_values(fact: Fact, program: Program, as_of: date) -> Iterator[Any]:
    """The values of a fact, or those at and beside every bound that a test names."""
    kind = fact.type
    if isinstance(kind, BooleanType):
        yield from (True, False)
    elif isinstance(kind, ChoiceType):
        yield from precise_options(kind)
    elif isinstance(kind, ChoicesType):
        options = precise_options(kind)
        yield from ([o for o, inside in zip(options, held, strict=True) if inside] for held in all_sets(len(options)))
    elif not isinstance(kind, TextType):
        checks = [t.check for c in conditions_of(program) for t in conditions.tests_of(c) if t.fact == fact.id]
        bounds = {v for check in checks for v in values_of(check) if not isinstance(v, bool | str | frozenset)}
        near: set[Any] = set()
        for bound in bounds:
            step: Any = timedelta(days=1) if isinstance(bound, date) else 1
            near |= {bound - step, bound, bound + step}
            near |= {bound + Fraction(1, 4)} if not isinstance(bound, date) and hasattr(kind, "unit") else set()
        yield from (written(value, kind) for value in sorted(near))


def all_sets(count: int) -> Iterator[tuple[bool, ...]]:
    return product((False, True), repeat=count)


def by_brute_force(program: Program, patient: Patient, id: str, count: int, random: Random) -> dict[str, Any] | None:
    """So many plain facts that change the answer: all are tried, or where they are too many, some."""
    guideline, before = program.guideline, evaluate_naively(program, patient)
    facts = [fact for fact in program.facts if fact.derivation is None]
    values = {fact.id: list(plain_values(fact, program, patient.as_of))[:8] for fact in facts}
    every = [
        dict(zip(names, some, strict=True))
        for names in combinations(values, count)
        for some in product(*(values[name] for name in names))
    ]
    for tried in every if len(every) <= MOST_TRIED else random.sample(every, MOST_TRIED):
        after_change = changed(patient, guideline, tried)
        if after_change is None:
            continue
        after = evaluate_naively(program, after_change)
        if not is_wanted(status_of(id, before), status_of(id, after)):
            continue
        if not contradicts(before, after) and not alters_fixed(guideline, before, after):
            return tried
    return None


def test_proposals_for_random_patients() -> None:
    verdicts: dict[str, int] = {}
    for seed in range(SEEDS):
        guideline, patient, random = random_case(f"what if {seed}")
        program = plan_of(guideline).program
        outcome = evaluate_naively(program, patient)
        ids = [*outcome.rules, *outcome.arguments]
        for id in random.sample(ids, min(3, len(ids))):
            found = what_if(program, patient, id)
            held_against_the_evaluator(program, patient, found)
            verdicts[found.verdict] = verdicts.get(found.verdict, 0) + 1
            smaller = 3 if found.verdict == "impossible" else 1
            if found.verdict == "found" and found.is_smallest:
                smaller = min(3, len(found.proposals[0].changes))
            for count in range(1, smaller):
                assert by_brute_force(program, patient, id, count, random) is None, (seed, id, found.verdict)
    assert verdicts["found"] > verdicts.get("undecided", 0) + verdicts.get("more", 0)
    assert verdicts["impossible"]


def test_what_settles_it_whatever_is_found() -> None:
    always = sometimes = 0
    for seed in range(SEEDS):
        guideline, patient, _ = random_case(f"alone {seed}")
        program = plan_of(guideline).program
        before = evaluate_naively(program, patient)
        for id in [id for id, status in before.rules.items() if status == "open"][:3]:
            found = what_if(program, patient, id)
            held_against_the_evaluator(program, patient, found)
            settles = {settling.fact: settling for settling in found.alone}
            for fact in program.facts:
                if fact.derivation is not None or fact.fixed or fact.id in patient.records:
                    continue
                statuses = set()
                for value in plain_values(fact, program, patient.as_of):
                    after_change = changed(patient, guideline, {fact.id: value})
                    if after_change is None:
                        continue
                    after = evaluate_naively(program, after_change)
                    if not contradicts(before, after) and not alters_fixed(guideline, before, after):
                        statuses.add(after.rules[id])
                if fact.id in settles and settles[fact.id].always:
                    always += 1
                    assert "open" not in statuses, (seed, id, fact.id)
                if statuses - {"open"}:
                    sometimes += 1
                    assert fact.id in settles, (seed, id, fact.id)
    assert always
    assert sometimes


# --- the guideline that ships


def case(name: str) -> tuple[Program, Patient]:
    plan = guidewright.load(LMS).ready.plan
    folder = shipped_folder(LMS)
    assert folder is not None
    read = load_case(next(Path(folder).glob(f"cases/{name}*.yaml")), plan.guideline).case
    assert read is not None
    return plan.program, read.patient


@pytest.mark.parametrize("name", ["V01", "V02"])
def test_rules_of_the_shipped_guideline(name: str) -> None:
    program, patient = case(name)
    before = evaluate_naively(program, patient)
    ids = [*before.rules, *before.arguments]
    for id in Random(name).sample(ids, EXAMPLES or 5):
        found = what_if(program, patient, id)
        held_against_the_evaluator(program, patient, found)
        assert found.verdict in ("found", "impossible"), id


def test_the_biopsy_of_the_index_case() -> None:
    program, patient = case("V01")
    found = what_if(program, patient, "B-08")
    proposed = [{change.fact: change.written for change in proposal.changes} for proposal in found.proposals]
    assert proposed[0] == {"breast.active_extrahepatic": True, "biopsy.accessible": True}, "missing facts come first"
    assert found.is_smallest
    alone = {settling.fact: dict(settling.outcomes) for settling in found.alone}
    assert "not_fired" in alone["biopsy.accessible"]
    assert "open" in alone["biopsy.accessible"]


# --- small guidelines


def small(facts: dict[str, Any], rules: dict[str, Any]) -> Program:
    return plan_of(loaded(small_texts(facts, rules))).program


AGE = {"label": "Age", "type": "integer", "range": [0, 120], "fixed": True}
SIZE = {"label": "Size", "type": "quantity", "unit": "mm", "range": [0, 500]}
FLAG = {"label": "Flag", "type": "boolean"}


def asked(program: Program, facts: dict[str, Any], id: str = "R") -> WhatIf:
    patient = patient_of(facts, program.guideline)
    found = what_if(program, patient, id)
    held_against_the_evaluator(program, patient, found)
    return found


def page_of(found: WhatIf, program: Program, patient: Patient) -> str:
    plan = plan_of(program.guideline)
    assessment = assess(plan, patient, evaluate_naively(program, patient), "reference")
    return text_page(what_if_page(found, Answer(assessment, plan, everything=True)), Screen(100))


def proposals(found: WhatIf) -> list[dict[str, Any]]:
    return [{change.fact: change.written for change in proposal.changes} for proposal in found.proposals]


def test_what_is_fixed_is_never_changed() -> None:
    program = small({"age": AGE, "fit": FLAG}, {"R": {"when": {"any": [{"age": "< 40"}, {"fit": True}]}}})
    assert proposals(asked(program, {"age": 70, "fit": False})) == [{"fit": True}]
    program = small({"age": AGE}, {"R": {"when": {"age": "< 40"}}})
    assert asked(program, {"age": 70}).verdict == "impossible"
    assert asked(program, {"age": ">= 40"}).verdict == "impossible"


def test_what_is_fixed_may_become_known_within_what_is_recorded() -> None:
    program = small({"age": AGE}, {"R": {"when": {"age": "< 40"}}})
    for recorded in ({}, {"age": "[38..50]"}):
        found = asked(program, recorded)
        ((change,),) = [proposal.changes for proposal in found.proposals]
        assert change.written in (range(40) if not recorded else (38, 39))


def test_a_fixed_fact_that_is_derived_holds_its_inputs() -> None:
    facts = {"age": {**AGE, "fixed": False}, "old": {**FLAG, "fixed": True, "holds": {"age": ">= 65"}}}
    program = small(facts, {"R": {"when": {"age": "< 40"}}, "Q": {"when": {"age": "> 80"}}})
    assert asked(program, {"age": 70}).verdict == "impossible"
    assert proposals(asked(program, {"age": 70}, "Q"))


def test_a_day_that_decides() -> None:
    """The one day on which it is two years, or none: what is assessed is assessed on 15 June 2021."""
    facts = {
        "resected": {"label": "R", "type": "date", "fixed": True},
        "seen": {"label": "S", "type": "date"},
        "time": {"label": "T", "type": "quantity", "unit": "mo", "formula": "months_between(resected, seen)"},
    }
    program = small(facts, {"R": {"when": {"time": ">= 24 mo"}}})
    found = asked(program, {"resected": "2019-06-15", "seen": "2020-01-01"})
    assert proposals(found) == [{"seen": "2021-06-15"}]
    assert found.is_smallest
    assert asked(program, {"resected": "2019-06-16", "seen": "2020-01-01"}).verdict == "impossible"
    assert asked(program, {"resected": "2019-06-16"}).verdict == "impossible"
    assert proposals(asked(program, {"resected": "2019"})), "a fixed day may become known within what is recorded"


def test_missing_facts_come_before_recorded_ones() -> None:
    program = small(
        {"a": FLAG, "b": FLAG}, {"R": {"when": {"any": [{"a": True}, {"b": True}]}}, "S": {"when": {"a": True}}}
    )
    assert proposals(asked(program, {"a": False})) == [{"b": True}, {"a": True}]


def test_a_rule_that_fires_is_stopped_or_replaced() -> None:
    program = small(
        {"a": FLAG, "b": FLAG}, {"R": {"when": {"a": True}}, "S": {"when": {"b": True}, "overrides": ["R"]}}
    )
    found = asked(program, {"a": True})
    assert [(proposal.status, proposals(found)[i]) for i, proposal in enumerate(found.proposals)] == [
        ("overridden", {"b": True}),
        ("not_fired", {"a": False}),
    ]
    assert found.stops
    assert proposals(asked(program, {"a": True, "b": True})) == [{"b": False}]


def test_every_value_that_does_the_same_is_told() -> None:
    program = small({"size": SIZE}, {"R": {"when": {"any": [{"size": "(10 mm..20 mm]"}, {"size": "> 40 mm"}]}}})
    ((change,),) = [proposal.changes for proposal in asked(program, {}).proposals]
    assert [(run.low, run.high) for run in change.values.spans] == [(10, 20), (40, 500)]


def test_every_combination_of_the_values_that_are_told_does_the_same() -> None:
    """(2, y) is no way to make it hold, though each of both is with another value of the other fact."""
    pairs = [(1, "x"), (1, "y"), (2, "x")]
    kind = {"label": "K", "type": "choice", "values": {"x": "X", "y": "Y", "z": "Z"}}
    number = {"label": "N", "type": "integer", "range": [0, 9]}
    program = small({"n": number, "k": kind}, {"R": {"when": {"any": [{"n": n, "k": k} for n, k in pairs]}}})
    (only,) = asked(program, {}).proposals
    shown = [shown_values(change, program) for change in only.changes]
    assert {(int(n), k) for n, k in product(*shown)} in ({(1, "x"), (1, "y")}, {(1, "x"), (2, "x")})


def test_of_too_many_combinations_only_the_chosen_one_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    program = small({"size": SIZE}, {"R": {"when": {"any": [{"size": "(10 mm..20 mm]"}, {"size": "> 40 mm"}]}}})
    monkeypatch.setattr(what_if_module, "_MOST_TOGETHER", 1)
    ((change,),) = [proposal.changes for proposal in asked(program, {}).proposals]
    assert len(change.values.spans) == 1


def test_a_derived_fact_is_changed_by_its_inputs() -> None:
    score = [{"when": {flag: True}, "points": 1} for flag in ("a", "b", "c")]
    program = small(
        {"a": FLAG, "b": FLAG, "c": FLAG, "total": {"label": "T", "type": "integer", "score": score}},
        {"R": {"when": {"total": ">= 2"}}},
    )
    found = asked(program, {"a": True, "b": False, "c": False})
    assert sorted(map(sorted, proposals(found))) == [["b"], ["c"]]


def test_no_proposal_contradicts_what_is_derived() -> None:
    """`total` is recorded, and agrees with its flags: changing one of both is no way to change the answer."""
    score = [{"when": {flag: True}, "points": 1} for flag in ("a", "b")]
    program = small(
        {"a": FLAG, "b": FLAG, "total": {"label": "T", "type": "integer", "score": score}},
        {"R": {"when": {"total": 1}}},
    )
    assert len(proposals(asked(program, {"a": True, "b": True, "total": 2}))[0]) == 2


def test_sets_of_choices() -> None:
    kind = {"label": "S", "type": "choices", "values": {str(n): str(n) for n in range(4)}}
    when = {"all": [{"s": "1"}, {"s": ["2", "3"]}, {"not": {"s": "2"}}]}
    program = small({"s": kind}, {"R": {"when": when}})
    for recorded in ({}, {"s": ["0"]}, {"s": ["2"]}):
        ((change,),) = [proposal.changes for proposal in asked(program, recorded).proposals]
        assert {"1", "3"} <= set(change.written)
        assert "2" not in change.written


def test_an_imprecise_value_where_a_rule_asks_for_it() -> None:
    kind = {"label": "E", "type": "choice", "values": {"x": "X", "y": "Y", "odd": {"label": "O", "may_be": ["x", "y"]}}}
    program = small({"e": kind}, {"R": {"when": {"e": "odd"}}})
    assert proposals(asked(program, {})) == [{"e": "odd"}]


def test_nothing_is_taken_out_of_the_record() -> None:
    program = small({"a": FLAG, "size": SIZE}, {"R": {"when": {"a": "unknown"}}, "Q": {"when": {"size": "unknown"}}})
    assert asked(program, {"a": True}).verdict == "impossible"
    assert asked(program, {"size": "5 mm"}, "Q").verdict == "impossible"


INTERVAL = {
    "first": {"label": "First", "type": "date"},
    "second": {"label": "Second", "type": "date"},
    "interval": {
        "label": "Interval",
        "type": "quantity",
        "unit": "mo",
        "range": [0, 600],
        "formula": "months_between(first, second)",
    },
}


def test_a_fact_that_a_formula_works_out() -> None:
    program = small(INTERVAL, {"R": {"when": {"interval": ">= 12 mo"}}})
    (only,) = proposals(asked(program, {}))
    assert list(only) == ["interval"], "of its dates none is recorded: it is recorded itself"
    found = asked(program, {"first": "2018-03-01"})
    assert proposals(found)
    assert set(proposals(found)[0]) == {"second"}
    found = asked(program, {"first": "2018-03-01", "second": "2018-05-01"})
    assert {"first"} in map(set, proposals(found)) or {"second"} in map(set, proposals(found))


def test_what_no_date_can_do_is_not_said_to_be_done() -> None:
    program = small(INTERVAL, {"R": {"when": {"interval": ">= 500 mo"}}})
    found = asked(program, {"first": "2018-03-01", "second": "2019-03-01"})
    assert found.verdict in ("found", "undecided"), "an earlier first date would do, if it is tried"


def test_more_facts_than_are_looked_for() -> None:
    flags = [f"f{i}" for i in range(MOST_CHANGES + 1)]
    program = small(dict.fromkeys(flags, FLAG), {"R": {"when": dict.fromkeys(flags, True)}})
    found = asked(program, {})
    assert found.verdict == "more"
    shown = joined_up(page_of(found, program, patient_of({}, program.guideline)))
    assert "No change of up to 8 facts would make it hold (proved); more were not looked for." in shown
    assert len(proposals(asked(program, {"f0": True}))[0]) == MOST_CHANGES


def test_facts_that_settle_it_alone() -> None:
    program = small({"a": FLAG, "b": FLAG, "size": SIZE}, {"R": {"when": {"a": True, "b": True, "size": "> 10 mm"}}})
    (always,) = asked(program, {"a": True, "b": True}).alone
    assert (always.fact, always.always) == ("size", True)
    assert [status for status, _ in always.outcomes] == ["fired", "not_fired"]
    both = asked(program, {"a": True}).alone
    assert [(one.fact, one.always) for one in both] == [("b", False), ("size", False)]
    assert [status for status, _ in both[0].outcomes] == ["not_fired", "open"]
    assert asked(program, {"a": False}).alone == ()


def test_an_unknown_id_is_an_error() -> None:
    program = small({"a": FLAG}, {"R": {"when": {"a": True}}})
    with pytest.raises(KeyError):
        what_if(program, patient_of({}, program.guideline), "a")


def test_without_time_nothing_is_claimed() -> None:
    program = small({"a": FLAG}, {"R": {"when": {"a": True}}})
    found = what_if(program, patient_of({}, program.guideline), "R", seconds=0)
    assert (found.verdict, found.alone, found.not_looked_at) == ("undecided", (), 1)


def test_what_settles_it_takes_half_of_the_time_and_says_what_it_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    flags = dict.fromkeys([f"f{i}" for i in range(30)], FLAG)
    program = small(flags, {"R": {"when": {"any": [{flag: True} for flag in flags]}}})
    ticks = iter(range(1_000_000))
    monkeypatch.setattr(what_if_module, "monotonic", lambda: next(ticks))
    monkeypatch.setattr(searching, "monotonic", lambda: next(ticks))
    patient = patient_of({}, program.guideline)
    found = what_if(program, patient, "R", seconds=40)
    assert len(found.alone) + found.not_looked_at == 30
    assert found.alone
    # Half of the time is left for the changes, also of as many facts again.
    assert (found.verdict, len(found.proposals)) == ("found", 3)
    shown = joined_up(page_of(found, program, patient))
    assert f"Not finished: {found.not_looked_at} facts were not looked at, since time ended." in shown


def test_the_checks_of_a_replay() -> None:
    """The two functions that hold a replay against the record, on what they are there to refuse."""
    score = [{"when": {"a": True}, "points": 1}]
    program = small(
        {"a": FLAG, "age": AGE, "total": {"label": "T", "type": "integer", "score": score}},
        {"R": {"when": {"a": True}}},
    )

    def outcome(facts: dict[str, Any]) -> Outcome:
        return evaluate_naively(program, patient_of(facts, program.guideline, AS_OF))

    before = outcome({"age": 70, "total": 1})
    assert adds_no_contradiction(before, outcome({"age": 70, "total": 1, "a": True}))
    assert not adds_no_contradiction(before, outcome({"age": 70, "total": 1, "a": False}))
    assert keeps_what_is_fixed(program, outcome({}), before)
    assert not keeps_what_is_fixed(program, before, outcome({"age": 71, "total": 1}))


# --- the command

INDEX = Path(__file__).parent.parent / "guidelines" / LMS / "cases" / "V01-index-case-before-surgery.yaml"


def run(*words: str | Path) -> Result:
    return CliRunner().invoke(command, ["explain", *map(str, words), "--engine", "compiled", "--what-if"])


def joined_up(shown: str) -> str:
    return " ".join(shown.split())


def test_the_command_says_what_would_make_a_rule_hold() -> None:
    result = run(INDEX, "b-08")
    assert result.exit_code == 0, result.output
    shown = joined_up(result.stdout)
    assert "[B-08]" in shown
    assert "It cannot be said yet" in shown
    assert "2 facts together would do it, in any of these ways." in shown
    assert "Fewer do not: this is proved." in shown
    assert "yes (now not recorded) (biopsy.accessible)" in shown
    assert "What would settle it alone" in shown
    assert shown.endswith("Decision support for review by a clinician; not a prescription.")


def test_the_command_says_what_would_stop_a_rule_and_what_cannot_be_changed() -> None:
    shown = joined_up(run(INDEX, "B-09").stdout)
    assert "What would stop it" in shown
    assert "Then it is replaced by something else." in shown
    shown = joined_up(run(INDEX, "B-02").stdout)
    assert "Nothing: no change of what is still open or can change" in shown


def test_the_page_of_an_argument_and_its_markdown() -> None:
    program, patient = case("V01")
    shipped = guidewright.load(LMS)
    for id in (program.arguments[0].id, "B-01"):
        answer = Answer(
            answered(shipped, PatientRead(patient, (), {}), "compiled"), shipped.ready.plan, everything=True
        )
        page = what_if_page(what_if(program, patient, id), answer)
        assert f"[{id}]" in text_page(page, Screen(60))
        assert markdown_page(page)


def test_a_fact_has_no_what_if() -> None:
    result = run(INDEX, "lesion.interval")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "`lesion.interval` is a fact" in result.stderr
    assert run(INDEX, "B-9").exit_code == 2


def test_without_the_solver_the_command_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "z3", None)
    result = run(INDEX, "B-08")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "pip install 'guidewright[proofs]'" in result.stderr
