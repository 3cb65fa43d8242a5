"""What an answer says beside its statuses: why, why not, what it rests on, and what to ask next."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given
from strategies import EVERYTHING, EXAMPLES, Case, Recording, Wanted, cases, made_case, patient_of, record_data, tried
from test_engines_agree import chosen, engines_agree, nothing_is_raised
from test_reference import guideline_of, read

from guidewright.engine.assess import assess
from guidewright.engine.assessment import Assessment
from guidewright.engine.checks import truth_of
from guidewright.engine.compiled import evaluate_compiled
from guidewright.engine.known import is_settled
from guidewright.engine.outcome import Outcome
from guidewright.engine.plan import Plan, plan_of
from guidewright.engine.rete import rete_available
from guidewright.engine.three_valued import Truth
from guidewright.rules.conditions import Condition, facts_of
from guidewright.rules.load import load_guideline
from guidewright.rules.model import Guideline

# A question about a derived fact may be answered against its inputs, a formula may turn out not to be computable, and
# what is about the record turns round when something is recorded.
CALM = Wanted(problems=False, questions=False, record_tests=False)
AS_COMPUTED = Recording(derived=False, missing=50)


def answered(plan: Plan, record: dict[str, Any]) -> tuple[Outcome, Assessment]:
    patient = patient_of(record, plan.guideline)
    outcome = evaluate_compiled(plan.compiled, patient)
    return outcome, assess(plan, patient, outcome, "compiled")


# --- properties


def what_is_needed_is_not_settled(case: Case) -> None:
    """What an open rule, an assumption, a proviso, a path or an argument needs, and what is asked, is a fact of the
    guideline that is not settled, and stands behind it."""
    plan = plan_of(case.guideline)
    for record in case.records:
        outcome, found = answered(plan, record)
        needed = [fact for rule in found.rules.values() for fact in rule.needs]
        needed += [fact for rule in found.rules.values() for a in (*rule.assuming, *rule.provided) for fact in a.needs]
        needed += [fact for path in found.paths.values() for fact in path.needs]
        needed += [
            fact for path in found.paths.values() for step in path.steps for a in step.assuming for fact in a.needs
        ]
        for weighing in found.weighing.values():
            needed += [fact for c in weighing.candidates for argument in c.open for fact in argument.needs]
        asked = [question.fact for question in found.ask]
        assert len(set(asked)) == len(asked)
        for fact in (*needed, *asked):
            assert fact in case.guideline.facts
            assert not is_settled(outcome.facts[fact]), fact
        timed = {id for id, rule in case.guideline.rules.items() if rule.timing is not None}
        for question in found.ask:
            if question.reason in ("path", "open") and not timed & set(question.settles):
                assert question.fact in needed, question.fact


def each_status_carries_its_reason(case: Case) -> None:
    guideline, plan = case.guideline, plan_of(case.guideline)
    for record in case.records:
        outcome, found = answered(plan, record)

        def truth(condition: Condition, outcome: Outcome = outcome) -> Truth:
            return truth_of(condition, outcome.facts.__getitem__, plan.program.kinds.__getitem__)

        assert set(found.rules) == set(outcome.rules)
        for id, rule in found.rules.items():
            assert rule.status == outcome.rules[id]
            assert bool(rule.needs) == (rule.status == "open"), id
            assert bool(rule.overridden_by) == (rule.status == "overridden"), id
            assert rule.status == "not_fired" or not rule.failed, id
            assert rule.status == "fired" or not (rule.assuming or rule.provided or rule.due), id
            assert all(found.rules[other].status == "fired" for other in rule.overridden_by)
            assert all(found.rules[proviso.rule].status == "open" for proviso in rule.provided)
            if id not in guideline.rules:
                continue
            source = guideline.rules[id]
            named = {*facts_of(source.when), *facts_of(source.unless or source.when), *facts_of(guideline.applies)}
            if rule.status == "not_fired":
                assert rule.failed, id
                assert {failed.fact for failed in rule.failed} <= named
            if rule.status == "fired":
                assert set(rule.facts) <= set(facts_of(source.when))
                own = [a for a in rule.assuming if a.unless != "the guideline does not apply"]
                assert bool(own) == (source.unless is not None and truth(source.unless) is None)
                assert (len(own) < len(rule.assuming)) == (outcome.applies is None)
                assert all(assumption.needs for assumption in rule.assuming)
                open_above = [other for other in plan.program.replaced_by[id] if outcome.rules[other] == "open"]
                assert [proviso.rule for proviso in rule.provided] == open_above


def asking_leads_to_an_end(case: Case) -> None:
    """Whoever answers all that is asked, whatever the answers are, leaves no rule open that may hold, and is asked no
    more.
    """
    plan = plan_of(case.guideline)
    for record in case.records:
        known = dict(record)
        for _ in range(6):
            outcome, found = answered(plan, known)
            if any(fact.conflict or fact.problem for fact in outcome.facts.values()) or not found.ask:
                break
            known = with_answers(plan, known, [question.fact for question in found.ask], case.random)
        outcome, found = answered(plan, known)
        if any(fact.conflict or fact.problem for fact in outcome.facts.values()):
            continue
        unasked = {
            fact
            for fact in (question.fact for question in found.ask)
            if fact in known or _is_text(case.guideline, fact)
        }
        assert {question.fact for question in found.ask} <= unasked
        for id in still_open(found):
            assert not any(held_when_all_is_known(plan, known, case.random, id)), id


def one_round_of_questions_is_enough(case: Case) -> None:
    """All that is asked is answered at once: a rule is open then only if it comes to the same for everybody, where
    every fact asked is asked for itself.
    """
    plan = plan_of(case.guideline)
    for record in case.records:
        outcome, found = answered(plan, record)
        if any(fact.conflict for fact in outcome.facts.values()):
            continue
        known = with_answers(plan, record, [question.fact for question in found.ask], case.random)
        outcome, found = answered(plan, known)
        if any(fact.conflict or fact.problem for fact in outcome.facts.values()):
            continue
        for id in still_open(found):
            assert len(set(held_when_all_is_known(plan, known, case.random, id))) < 2, id


def with_answers(plan: Plan, record: dict[str, Any], asked: Iterable[str], random: Random) -> dict[str, Any]:
    """The record with answers to what is asked. Nobody answers what turns out not to apply."""
    outcome, known = answered(plan, record)[0], dict(record)
    for id in asked:
        value = chosen(outcome.facts[id].values, plan.guideline.facts[id], random)
        if value is not None:
            known[id] = value
    for id in asked:
        if answered(plan, known)[0].facts[id].against_only_if:
            del known[id]
    return known


def still_open(found: Assessment) -> list[str]:
    return [id for id, rule in found.rules.items() if rule.status == "open"] if found.applies is not False else []


def held_when_all_is_known(plan: Plan, record: dict[str, Any], random: Random, id: str) -> list[bool]:
    """Whether a rule holds for some patients of whom all that it needs is known too."""
    held: list[bool] = []
    for _ in range(10):
        known = dict(record)
        for _ in range(6):
            known = with_answers(plan, known, answered(plan, known)[1].rules[id].needs, random)
        outcome, found = answered(plan, known)
        if not any(fact.conflict or fact.problem for fact in outcome.facts.values()):
            held.append(found.rules[id].status != "not_fired")
    return held


def _is_text(guideline: Guideline, fact: str) -> bool:
    return type(guideline.facts[fact].type).__name__ == "TextType"


def paths_follow_the_answers(case: Case) -> None:
    plan = plan_of(case.guideline)
    for record in case.records:
        outcome, found = answered(plan, record)
        for stage in case.guideline.stages:
            path = found.paths.get(stage.id)
            assert (path is not None) == (bool(stage.steps) and outcome.applies is not False)
            if path is None:
                continue
            by_id = {step.id: step for step in stage.steps}
            assert path.steps[0].step == "start"
            for taken, following in zip(path.steps, path.steps[1:], strict=False):
                step = by_id[taken.step]
                if step.kind != "decision":
                    assert step.go == following.step
                    continue
                truths = outcome.answers[f"{stage.id}/{step.id}"]
                at = next(
                    i
                    for i, answer in enumerate(step.answers)
                    if answer.text == taken.answer and answer.go == following.step
                )
                others = [truth for i, truth in enumerate(truths) if i != at]
                assert sum(truth is True for truth in others if step.answers[-1].last != "assumed") == 0
                if step.answers[at].last == "assumed":
                    assert True not in others
                else:
                    assert truths[at] is True
                if step.answers[at].last == "otherwise":
                    assert set(others) == {False}
            last = by_id[path.steps[-1].step]
            assert (path.stopped_at is None) == (last.kind in ("end", "link"))
            if path.stopped_at is not None:
                truths = outcome.answers[f"{stage.id}/{path.stopped_at}"]
                assert bool(path.needs) == (None in truths and not path.several)
                sure = [a.text for a, truth in zip(last.answers, truths, strict=True) if truth and a.last != "assumed"]
                assert list(path.several) == (sure if len(sure) > 1 else [])
                assert len(sure) != 1


def conflicts_are_told(case: Case) -> None:
    plan = plan_of(case.guideline)
    for record in case.records:
        outcome, found = answered(plan, record)
        told = {(conflict.about, conflict.kind) for conflict in found.conflicts}
        for id in case.guideline.facts:
            known = outcome.facts[id]
            assert ((id, "record-and-computation") in told) == (known.conflict is not None)
            if known.against_only_if and known.conflict is None:
                assert (id, "not-applicable") in told
        affected = {rule for conflict in found.conflicts if conflict.kind == "sources" for rule in conflict.affects}
        assert all(found.rules[id].status in ("open", "fired") for id in affected)


PROPERTIES = {
    "needs": (what_is_needed_is_not_settled, EVERYTHING, Recording(missing=50)),
    "reasons": (each_status_carries_its_reason, EVERYTHING, Recording(missing=50)),
    "asking": (asking_leads_to_an_end, EVERYTHING, AS_COMPUTED),
    "once": (one_round_of_questions_is_enough, CALM, AS_COMPUTED),
    "paths": (paths_follow_the_answers, EVERYTHING, Recording(missing=50)),
    "conflicts": (conflicts_are_told, EVERYTHING, Recording(missing=15)),
}


# --- tests


@pytest.mark.parametrize("name", PROPERTIES)
def test_many(name: str) -> None:
    prove, wanted, recording = PROPERTIES[name]
    for seed in range(EXAMPLES or 20):
        try:
            prove(made_case(Random(f"{name}{seed}"), wanted, recording))
        except Exception as problem:
            problem.add_note(f"made_case(Random('{name}{seed}'), ...)")
            raise


def test_the_shipped_guideline() -> None:
    folder = Path(__file__).resolve().parent.parent / "guidelines" / "retroperitoneal-leiomyosarcoma"
    guideline = load_guideline(folder).guideline
    assert guideline is not None
    data = {"facts.yaml": read(folder / "facts.yaml")}
    random = Random("shipped")
    for missing in (10, 40, 70, 90):
        records = [record_data(data, random, Recording(missing=missing)) for _ in range(max(3, EXAMPLES // 20))]
        made = Case(data, guideline, tuple(records), random)
        engines_agree(made, by_rete=rete_available())
        nothing_is_raised(made)
        what_is_needed_is_not_settled(made)
        each_status_carries_its_reason(made)


@tried(5)
@given(cases(recording=Recording(missing=50)))
def test_every_status_has_its_reason(made: Case) -> None:
    what_is_needed_is_not_settled(made)
    each_status_carries_its_reason(made)
    paths_follow_the_answers(made)


@tried(5)
@given(cases(CALM, AS_COMPUTED))
def test_whoever_answers_is_not_left_in_the_open(made: Case) -> None:
    asking_leads_to_an_end(made)
    one_round_of_questions_is_enough(made)


def answer_to(facts: dict[str, Any], rules: list[dict[str, Any]], record: dict[str, Any]) -> Assessment:
    guideline = guideline_of({"facts": facts, "rules": rules})
    return answered(plan_of(guideline), record)[1]


B = {"label": "B", "type": "boolean"}


def test_what_decides_is_named_and_nothing_beside_it() -> None:
    rule = {"id": "R", "do": "x", "when": {"any": [{"a": True, "b": True}, {"c": True}]}}
    facts = {"a": B, "b": B, "c": B}
    assert answer_to(facts, [rule], {"c": True, "a": True}).rules["R"].facts == {"c": True}
    assert answer_to(facts, [rule], {"a": False}).rules["R"].needs == ("c",)
    assert answer_to(facts, [rule], {"a": True}).rules["R"].needs == ("b", "c")
    failed = answer_to(facts, [rule], {"a": False, "c": False}).rules["R"].failed
    assert [(f.fact, f.found) for f in failed] == [("a", "no"), ("c", "no")]


def test_a_row_that_is_not_reached_says_which_row_is() -> None:
    facts = {
        "a": B,
        "b": B,
        "t": {
            "label": "T",
            "type": "choice",
            "values": {"x": "X", "y": "Y"},
            "table": [{"id": "X", "when": {"a": True}, "value": "x"}, {"id": "Y", "when": {"b": True}, "value": "y"}],
        },
    }
    found = answer_to(facts, [{"id": "R", "do": "x", "when": {}}], {"a": True, "b": True}).rules["Y"]
    assert (found.status, [f.fact for f in found.failed]) == ("not_fired", ["a"])
    waiting = answer_to(facts, [{"id": "R", "do": "x", "when": {}}], {"b": True}).rules["Y"]
    assert (waiting.status, waiting.needs) == ("open", ("a",))


def test_a_computed_fact_that_may_not_apply_is_traced_to_what_it_hangs_on() -> None:
    facts = {
        "a": B,
        "n": {"label": "N", "type": "integer"},
        "m": {"label": "M", "type": "integer", "formula": "n + 1", "only_if": {"a": True}},
    }
    rules = [{"id": "R", "do": "x", "when": {"m": 3}}]
    assert answer_to(facts, rules, {"n": 2}).rules["R"].needs == ("a",)
    assert answer_to(facts, rules, {}).rules["R"].needs == ("a", "n")
    assert answer_to(facts, rules, {"a": {"one_of": [True, False]}, "n": 2}).rules["R"].needs == ("a",)


def test_the_strongest_rules_ask_first() -> None:
    facts = {"a": B, "b": B, "c": B}
    rules = [{"id": f"R{fact}", "do": "x", "when": {fact: True}} for fact in "abc"]
    assert [q.fact for q in answer_to(facts, rules, {}).ask] == ["a", "b", "c"]
    rules.append({"id": "S", "do": "x", "when": {"c": True}})
    assert [q.fact for q in answer_to(facts, rules, {}).ask] == ["c", "a", "b"]
    assert [q.settles for q in answer_to(facts, rules, {}).ask] == [("Rc", "S"), ("Ra",), ("Rb",)]


def test_rows_behind_one_that_holds_are_not_asked_about() -> None:
    rows = [{"when": {fact: True}, "value": value} for fact, value in (("a", "x"), ("b", "y"), ("c", "x"))]
    table = {"label": "T", "type": "choice", "values": {"x": "X", "y": "Y"}, "table": rows}
    rules = [{"id": "R", "do": "x", "when": {"t": "x"}}]
    facts = {"a": B, "b": B, "c": B, "t": table}
    assert answer_to(facts, rules, {"b": True}).rules["R"].needs == ("a",)
    assert answer_to(facts, rules, {"a": False}).rules["R"].needs == ("b", "c")


@pytest.mark.parametrize("last", [{"otherwise": True}, {"assumed": True}])
def test_nobody_is_sent_anywhere_where_two_answers_hold(last: dict[str, Any]) -> None:
    answers = [{"answer": "A", "when": {"a": True}, "go": "done"}, {"answer": "B", "when": {"b": True}, "go": "done"}]
    pathway = {
        "start": {"title": "Start", "go": "which"},
        "which": {"decide": "Which?", "answers": [*answers, {"answer": "C", **last, "go": "done"}], "rules": ["R"]},
        "done": {"end": "Done"},
    }
    rules = [{"id": "R", "do": "x", "when": {}}]
    guideline = guideline_of({"facts": {"a": B, "b": B}, "rules": rules, "pathway": pathway})
    path = answered(plan_of(guideline), {"a": True, "b": True})[1].paths["s"]
    assert (path.stopped_at, path.several, path.needs) == ("which", ("A", "B"), ())
    alone = answered(plan_of(guideline), {"a": True, "b": False})[1].paths["s"]
    assert (alone.stopped_at, alone.several, alone.steps[1].answer) == (None, (), "A")
