"""A program as propositions: one translation for everything that is proved about a guideline.

It says of every incomplete record what the reference evaluator says of one. What a formula gives is left free where
`encoded_derivations` says so, and so are the values that a record and a derivation leave together within one run of
numbers: what holds of this wider set of records holds of the real ones, and a record that is found is run on the
reference evaluator before it is shown.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from guidewright.engine.cells import cells_of
from guidewright.engine.outcome import Status
from guidewright.engine.program import Program, claims_of, conditions_of
from guidewright.engine.proofs.encoded_dates import Days
from guidewright.engine.proofs.encoded_derivations import ALWAYS, Facts, Shared, encoded
from guidewright.engine.proofs.encoded_facts import Kleene, Recorded, Shape, State, all_of, any_of, shape_of
from guidewright.engine.proofs.encoded_formulas import told_apart
from guidewright.engine.proofs.encoded_meetings import Meeting
from guidewright.engine.proofs.encoded_times import Gaps
from guidewright.engine.proofs.propositions import FALSE, TRUE, Proposition, Propositions
from guidewright.rules.conditions import Check, Condition, tests_of
from guidewright.rules.model import Argument, Fact, Row, Rule, Score, Stage, Table, Weighing


@dataclass(frozen=True, slots=True)
class Encoding:
    """`rules` gives each rule and row with an id a proposition a status; `passes` says of each box, `stage/step`, that
    the way comes to it. `days` are of the records of dates with which something is worked out. `computed` says that
    something plays a part that is left free: what a formula gives, what lies in the `gaps` of the time between two
    dates, or the `meetings` of a record with what is derived. Of a derived fact without a meeting all is free.
    """

    program: Program
    nodes: Propositions
    constraints: tuple[Proposition, ...]
    shapes: Mapping[str, Shape]
    records: Mapping[str, Recorded]
    days: Mapping[str, Days]
    states: Mapping[str, State]
    rules: Mapping[str, Mapping[Status, Proposition]]
    arguments: Mapping[str, Kleene]
    answers: Mapping[str, tuple[Kleene, ...]]
    applies: Kleene
    passes: Mapping[str, Proposition]
    computed: Proposition
    meetings: Mapping[str, Meeting]
    gaps: Mapping[str, Gaps]


def encoding_of(
    program: Program, as_of: date, others: Iterable[Condition] = (), shared: Shared | None = None
) -> Encoding:
    """The propositions of a program, for patients assessed on a day. What `others` test can be asked of it too; what
    is `shared` is that of another program's encoding.
    """
    facts = encoded(program, as_of, shapes_of(program, as_of, others), shared or Shared())
    arguments = {argument.id: _argument_truth(argument, facts) for argument in program.arguments}
    for weighing in program.weighings:
        facts.states[f"{weighing.id}.confirmed"] = _confirmed(weighing, arguments, facts)
    meant_for = facts.truth(program.guideline.applies)
    rules: dict[str, dict[Status, Proposition]] = {}
    for fact in program.facts:
        for row, holds in _row_truths(fact, facts):
            if row.id is not None:
                rules[row.id] = _row_statuses(holds, meant_for, facts.nodes)
    for rule in program.rules:
        rules[rule.id] = _statuses(rule, rules, meant_for, facts)
    answers = {step: tuple(facts.truth(answer.when) for answer in every) for step, every in program.decisions.items()}
    return Encoding(
        program=program,
        nodes=facts.nodes,
        constraints=tuple(facts.constraints),
        shapes=facts.shapes,
        records=facts.records,
        days=facts.days,
        states=facts.states,
        rules=rules,
        arguments=arguments,
        answers=answers,
        applies=meant_for,
        passes={key: at for stage in program.guideline.stages for key, at in _passes(stage, answers, facts.nodes)},
        computed=facts.nodes.any(facts.free),
        meetings=facts.meetings,
        gaps=facts.gaps,
    )


def is_free(fact: Fact, encoding: Encoding) -> bool:
    """Whether it is left free what is known of a derived fact."""
    return fact.derivation is not None and fact.id not in encoding.meetings


def shapes_of(program: Program, as_of: date, others: Iterable[Condition] = ()) -> dict[str, Shape]:
    """The cells of every fact, by what the program asks, what its guideline claims, and what `others` test."""
    found: dict[str, list[Check]] = {id: [] for id in program.kinds}
    for condition in (*conditions_of(program), *claims_of(program), *told_apart(program), *others):
        for test in tests_of(condition):
            found[test.fact].append(test.check)
    return {id: shape_of(cells_of(program.kinds[id], checks), program.kinds[id], as_of) for id, checks in found.items()}


# --- rules, arguments, ways


def _argument_truth(argument: Argument, facts: Facts) -> Kleene:
    unless = facts.truth(argument.unless).negation if argument.unless is not None else ALWAYS
    return all_of([facts.truth(argument.when), unless], facts.nodes)


def _confirmed(weighing: Weighing, arguments: Mapping[str, Kleene], facts: Facts) -> State:
    """What decisive arguments confirm (`deciding.confirmed`)."""
    nodes = facts.nodes
    confirms = {c.id: any_of([arguments[a.id] for a in c.arguments if a.confirms], nodes) for c in weighing.candidates}
    excludes = {c.id: any_of([arguments[a.id] for a in c.arguments if a.excludes], nodes) for c in weighing.candidates}
    shape = facts.shapes[f"{weighing.id}.confirmed"]
    may, sure = [FALSE] * shape.none, FALSE
    for candidate in weighing.candidates:
        others = [confirms[other.id] for other in weighing.candidates if other is not candidate]
        own, against = confirms[candidate.id], excludes[candidate.id]
        at = shape.cells.bits[candidate.id].bit_length() - 1
        may[at] = nodes.all((-own.no, -against.yes, *(-other.yes for other in others)))
        settled = nodes.all((own.yes, against.no, *(other.no for other in others)))
        sure = nodes.any((sure, settled))
    return State((*may, -sure), sure, FALSE, {}, {})


def _row_truths(fact: Fact, facts: Facts) -> list[tuple[Row, Kleene]]:
    if isinstance(fact.derivation, Score):
        return [(row, facts.truth(row.when)) for row in fact.derivation.rows]
    if not isinstance(fact.derivation, Table):
        return []
    found: list[tuple[Row, Kleene]] = []
    earlier = Kleene(FALSE, TRUE)
    for row in fact.derivation.all_rows:
        holds = facts.truth(row.when)
        found.append((row, all_of([earlier.negation, holds], facts.nodes)))
        earlier = any_of([earlier, holds], facts.nodes)
    return found


def _row_statuses(holds: Kleene, meant_for: Kleene, nodes: Propositions) -> dict[Status, Proposition]:
    fired = nodes.all((-meant_for.no, holds.yes))
    still = nodes.all((-meant_for.no, -holds.yes, -holds.no))
    return {"fired": fired, "open": still, "not_fired": nodes.all((-fired, -still)), "overridden": FALSE}


def _statuses(
    rule: Rule, rules: Mapping[str, Mapping[Status, Proposition]], meant_for: Kleene, facts: Facts
) -> dict[Status, Proposition]:
    nodes = facts.nodes
    when = facts.truth(rule.when)
    excepted = facts.truth(rule.unless).yes if rule.unless is not None else FALSE
    perhaps = nodes.all((-meant_for.no, -excepted, -when.no))
    replaced = nodes.any(rules[other]["fired"] for other in facts.program.replaced_by[rule.id])
    return {
        "fired": nodes.all((perhaps, -replaced, when.yes)),
        "open": nodes.all((perhaps, -replaced, -when.yes)),
        "not_fired": -perhaps,
        "overridden": nodes.all((perhaps, replaced)),
    }


def _passes(
    stage: Stage, answers: Mapping[str, tuple[Kleene, ...]], nodes: Propositions
) -> list[tuple[str, Proposition]]:
    """When the way comes to each box (`paths.path_through`), in reading order."""
    reached = {step.id: FALSE for step in stage.steps}
    if stage.steps:
        reached[stage.steps[0].id] = TRUE
    for step in sorted(stage.steps, key=lambda step: step.box):
        here = reached[step.id]
        if step.go is not None:
            reached[step.go] = nodes.any((reached[step.go], here))
        truths = answers.get(f"{stage.id}/{step.id}", ())
        true = [t.yes for t, answer in zip(truths, step.answers, strict=True) if answer.last != "assumed"]
        for position, answer in enumerate(step.answers):
            if answer.last == "assumed":
                taken = -nodes.any(true)
            else:
                taken = nodes.all((true[position], *(-other for i, other in enumerate(true) if i != position)))
            reached[answer.go] = nodes.any((reached[answer.go], nodes.all((here, taken))))
    return [(f"{stage.id}/{id}", at) for id, at in reached.items()]
