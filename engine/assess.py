"""From an engine's outcome to the answer: why, why not, what is assumed, and what to ask next."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from guidewright.engine.assessment import (
    Assessment,
    Assumption,
    DerivedAnswer,
    FactAnswer,
    Failed,
    Json,
    PathAnswer,
    Proviso,
    Recorded,
    RuleAnswer,
    StepAnswer,
)
from guidewright.engine.conflicts import conflicts_of
from guidewright.engine.due import due_dates
from guidewright.engine.known import Known, is_settled
from guidewright.engine.needs import Needs, found_in_words, needs_of
from guidewright.engine.outcome import Outcome, Status
from guidewright.engine.paths import Path, path_through
from guidewright.engine.plan import Plan, truths_of
from guidewright.engine.program import rows_with_ids
from guidewright.engine.questions.asking import Explained, questions
from guidewright.engine.trees import Tree, deciding, truth_in
from guidewright.engine.weighing import weigh
from guidewright.engine.weighing_answer import weighing_answer
from guidewright.rules.domains import as_json, listed
from guidewright.rules.english import condition_in_words, in_words
from guidewright.rules.model import Evidence, Fact, Guideline, Row, Rule, Table
from guidewright.rules.patient import Patient, Record
from guidewright.rules.values import single


def assess(plan: Plan, patient: Patient, outcome: Outcome, engine: str) -> Assessment:
    """The whole answer for one patient. `engine` names what worked it out."""
    guideline = plan.guideline
    state = Needs(plan, outcome.facts, truths_of(plan, outcome.facts))
    rules = _rules(plan, patient, outcome, state)
    weighed = {id: weigh(weighing, outcome.arguments) for id, weighing in guideline.weighings.items()}
    if outcome.applies is False:
        weighed = {id: replace(result, leading=(), possible=(), confirmed=None) for id, result in weighed.items()}
    ways = {stage.id: way for stage in guideline.stages if (way := path_through(stage, outcome.answers)) is not None}
    paths = {id: _path(way, plan, state) for id, way in ways.items()} if outcome.applies is not False else {}
    explained = Explained(plan, outcome, state, rules, ways, paths, weighed)
    return Assessment(
        guideline=guideline.id,
        title=guideline.title,
        version=guideline.version,
        status=guideline.status,
        digest=guideline.digest,
        applies=outcome.applies,
        applies_if=condition_in_words(guideline.applies, guideline.facts),
        parameters={id: parameter.written for id, parameter in guideline.parameters.items()},
        patient=patient.id,
        as_of=patient.as_of,
        dated=patient.dated,
        engine=engine,
        facts={
            id: _fact(guideline.facts[id], outcome.facts[id], patient.records[id], state)
            for id in guideline.facts
            if id in patient.records
        },
        derived=_derived(plan, patient, outcome, state),
        rules=rules,
        weighing={id: weighing_answer(result, state) for id, result in weighed.items()},
        paths=paths,
        ask=questions(explained, patient),
        conflicts=conflicts_of(explained, patient),
    )


def _fact(fact: Fact, known: Known, record: Record, state: Needs) -> FactAnswer:
    recorded = tuple(Recorded(entry.written, entry.source, entry.on, entry.note) for entry in record.entries)
    return FactAnswer(
        fact.id,
        fact.label,
        listed(known.values, fact.type),
        found_in_words(fact.id, state),
        recorded,
        known.problem,
    )


def _derived(plan: Plan, patient: Patient, outcome: Outcome, state: Needs) -> dict[str, DerivedAnswer]:
    by = {
        fact.id: row.id
        for fact, row in rows_with_ids(plan.program)
        if isinstance(fact.derivation, Table) and row.id is not None and outcome.rules[row.id] == "fired"
    }
    found: dict[str, DerivedAnswer] = {}
    for fact in plan.guideline.facts.values():
        if fact.derivation is not None and fact.id not in patient.records:
            known = outcome.facts[fact.id]
            settled = by.get(fact.id) if is_settled(known) else None
            words = found_in_words(fact.id, state)
            found[fact.id] = DerivedAnswer(
                id=fact.id,
                label=fact.label,
                may_be=listed(known.values, fact.type),
                value=None if (value := single(known.values)) is None else as_json(value, fact.type),
                words=words,
                by=settled,
                problem=known.problem,
            )
    return found


# --- rules


def _rules(plan: Plan, patient: Patient, outcome: Outcome, state: Needs) -> dict[str, RuleAnswer]:
    guideline = plan.guideline
    found: dict[str, RuleAnswer] = {}
    for fact, row in rows_with_ids(plan.program):
        assert row.id is not None
        found[row.id] = _row_answer(fact, row, outcome.rules[row.id], outcome, state)
    open_needs = {id: _needs(id, state) for id, status in outcome.rules.items() if status == "open"}
    for rule in guideline.rules.values():
        found[rule.id] = _rule_answer(rule, plan, patient, outcome, state, open_needs)
    return found


def _needs(id: str, state: Needs) -> tuple[str, ...]:
    return needs_of([state.plan.when[id], state.plan.unless.get(id)], state)


def _rule_answer(
    rule: Rule, plan: Plan, patient: Patient, outcome: Outcome, state: Needs, open_needs: Mapping[str, tuple[str, ...]]
) -> RuleAnswer:
    status = outcome.rules[rule.id]
    when, unless = plan.when[rule.id], plan.unless.get(rule.id)
    fired = status == "fired"
    by = plan.program.replaced_by[rule.id]
    assuming: tuple[Assumption, ...] = ()
    if fired and unless is not None and rule.unless is not None and truth_in(unless, state.truths) is None:
        assuming = (Assumption(condition_in_words(rule.unless, plan.named), needs_of([unless], state)),)
    if fired and outcome.applies is None:
        assuming = (Assumption("the guideline does not apply", needs_of([plan.applies], state)), *assuming)
    start = outcome.facts.get(rule.timing.start) if rule.timing is not None and rule.timing.start is not None else None
    evidence = rule.evidence
    return RuleAnswer(
        id=rule.id,
        status=status,
        kind=rule.kind,
        stage=rule.stage,
        box=plan.box.get(rule.id),
        text=rule.text,
        strength=evidence.strength,
        certainty=evidence.certainty,
        facts=_facts_of(when, state, plan) if status in ("fired", "overridden") else {},
        reasons=_reasons(when, state) if status in ("fired", "overridden") else (),
        assuming=assuming,
        provided=tuple(Proviso(other, open_needs[other]) for other in by if outcome.rules[other] == "open")
        if fired
        else (),
        needs=open_needs[rule.id] if status == "open" else (),
        failed=_failed(rule, outcome, state) if status == "not_fired" else (),
        overridden_by=tuple(other for other in by if outcome.rules[other] == "fired") if status == "overridden" else (),
        because=evidence.because,
        although=evidence.although,
        disputed=is_disputed(evidence, plan.guideline),
        expert=evidence.expert,
        signoff=rule.signoff,
        except_=rule.except_,
        note=rule.note,
        asks=rule.asks,
        due=due_dates(rule.timing, start, patient.as_of) if fired else (),
    )


def _row_answer(fact: Fact, row: Row, status: Status, outcome: Outcome, state: Needs) -> RuleAnswer:
    assert row.id is not None
    plan = state.plan
    evidence = row.evidence or Evidence()
    tree = plan.when[row.id]
    gives = (
        in_words(row.value, fact.type)
        if row.value is not None
        else f"{row.points} points"
        if row.points is not None
        else "computed"
    )
    return RuleAnswer(
        id=row.id,
        status=status,
        kind="row",
        stage=None,
        box=None,
        text=row.text or f"{fact.label}: {gives}",
        strength=evidence.strength,
        certainty=evidence.certainty,
        facts=_facts_of(tree, state, plan) if status == "fired" else {},
        reasons=_reasons(tree, state) if status == "fired" else (),
        assuming=(),
        provided=(),
        needs=needs_of([tree, *_earlier(fact, row, plan)], state) if status == "open" else (),
        failed=_row_failed(fact, row, outcome, state) if status == "not_fired" else (),
        overridden_by=(),
        because=evidence.because,
        although=evidence.although,
        disputed=is_disputed(evidence, plan.guideline),
        expert=evidence.expert,
        signoff=False,
        except_=None,
        note=None,
        asks=(),
        due=(),
    )


def _earlier(fact: Fact, row: Row, plan: Plan) -> tuple[Tree, ...]:
    """The rows that stand before a row: while one of them is open, it is not known whether this one is reached."""
    if not isinstance(fact.derivation, Table):
        return ()
    return plan.rows[fact.id][: next((i for i, other in enumerate(fact.derivation.rows) if other is row), None)]


def is_disputed(evidence: Evidence, guideline: Guideline) -> bool:
    """Whether guidelines or consensus stand on both sides."""

    def weighty(statements: tuple[str, ...]) -> bool:
        return any(guideline.sources[name.rpartition(".")[0]].kind in ("guideline", "consensus") for name in statements)

    return weighty(evidence.because) and weighty(evidence.although)


def _facts_of(tree: Tree, state: Needs, plan: Plan) -> dict[str, Json]:
    """The facts that made a condition what it is, with what is known of them."""
    found: dict[str, Json] = {}
    for number, _ in deciding(tree, state.truths):
        id = plan.tests[number].fact
        if id not in found:
            values = listed(state.facts[id].values, plan.program.kinds[id])
            found[id] = values[0] if len(values) == 1 else [str(value) for value in values]
    return found


def _reasons(tree: Tree, state: Needs) -> tuple[str, ...]:
    return tuple(dict.fromkeys(_spoken(number, plainly, state) for number, plainly in deciding(tree, state.truths)))


def _spoken(number: int, plainly: bool, state: Needs) -> str:
    return state.plan.words[number] if plainly else f"not {state.plan.words[number]}"


def _failed(rule: Rule, outcome: Outcome, state: Needs) -> tuple[Failed, ...]:
    if outcome.applies is False:
        return _failed_tests(state.plan.applies, state)
    unless = state.plan.unless.get(rule.id)
    if unless is not None and truth_in(unless, state.truths) is True:
        return _holding(unless, state)
    return _failed_tests(state.plan.when[rule.id], state)


def _row_failed(fact: Fact, row: Row, outcome: Outcome, state: Needs) -> tuple[Failed, ...]:
    """Why a row does not count: its own condition failed, or a row before it holds."""
    assert row.id is not None
    if outcome.applies is False:
        return _failed_tests(state.plan.applies, state)
    before = next((tree for tree in _earlier(fact, row, state.plan) if truth_in(tree, state.truths) is True), None)
    return _failed_tests(state.plan.when[row.id], state) or (() if before is None else _holding(before, state))


def _holding(tree: Tree, state: Needs) -> tuple[Failed, ...]:
    """The tests that make a condition true which should not be."""
    return tuple(
        _failure(number, f"unless {_spoken(number, plainly, state)}", state)
        for number, plainly in deciding(tree, state.truths)
    )


def _failed_tests(tree: Tree, state: Needs) -> tuple[Failed, ...]:
    if truth_in(tree, state.truths) is not False:
        return ()
    return tuple(
        _failure(number, _spoken(number, plainly, state), state) for number, plainly in deciding(tree, state.truths)
    )


def _failure(number: int, words: str, state: Needs) -> Failed:
    fact = state.plan.tests[number].fact
    return Failed(fact, words, found_in_words(fact, state))


# --- ways


def _path(way: Path, plan: Plan, state: Needs) -> PathAnswer:
    steps: list[StepAnswer] = []
    for taken in way.steps:
        trees = plan.answers.get(f"{way.stage.id}/{taken.step.id}", ())
        assuming = tuple(Assumption(taken.step.answers[i].text, needs_of([trees[i]], state)) for i in taken.assuming)
        answer = taken.step.answers[taken.answer].text if taken.answer is not None else None
        steps.append(StepAnswer(taken.step.id, taken.step.box, taken.step.text, answer, assuming))
    stopped = way.stopped_at
    trees = plan.answers.get(f"{way.stage.id}/{stopped.id}", ()) if stopped is not None else ()
    return PathAnswer(
        stage=way.stage.id,
        steps=tuple(steps),
        stopped_at=stopped.id if stopped is not None else None,
        needs=needs_of([trees[i] for i in way.open], state),
        several=tuple(stopped.answers[i].text for i in way.several) if stopped is not None else (),
    )
