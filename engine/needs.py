"""Which facts would settle what is open: the tests that can still change it, traced back to facts that can be asked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from guidewright.engine.known import Known, is_settled
from guidewright.engine.plan import Plan
from guidewright.engine.trees import Tree, Truths, deciding, truth_in
from guidewright.rules.english import set_in_words
from guidewright.rules.formulas import facts_in
from guidewright.rules.model import Formula, Holds, Score, Table


@dataclass(frozen=True, slots=True, repr=False)
class Needs:
    """The state of one question round: the truth of every test, and what has been traced already."""

    plan: Plan
    facts: Mapping[str, Known]
    truths: Truths
    traced: dict[str, tuple[str, ...]] = field(default_factory=dict)
    spoken: dict[str, str] = field(default_factory=dict)


def found_in_words(id: str, state: Needs) -> str:
    """What a fact may be, for a reader. Many rules test one fact: it is put into words once."""
    if id not in state.spoken:
        state.spoken[id] = set_in_words(state.facts[id].values, state.plan.program.kinds[id])
    return state.spoken[id]


def needs_of(trees: Iterable[Tree | None], state: Needs) -> tuple[str, ...]:
    """The facts to ask for what is open in these conditions, each once. What is decided needs nothing."""
    found: dict[str, None] = {}
    for tree in trees:
        if tree is not None and truth_in(tree, state.truths) is None:
            for number, _ in deciding(tree, state.truths):
                found |= dict.fromkeys(facts_to_ask(state.plan.tests[number].fact, state))
    return tuple(found)


def facts_to_ask(id: str, state: Needs) -> tuple[str, ...]:
    """A fact that can be asked is asked itself; one that follows from others is traced to those that leave it open."""
    # What a fact follows from is traced before it: a chain of derived facts may be longer than Python's stack is deep.
    # The facts of a checked guideline follow from one another in no circle.
    waiting = [id]
    while waiting:
        name = waiting[-1]
        before = [] if name in state.traced else _untraced(name, state)
        if before:
            waiting.extend(before)
            continue
        waiting.pop()
        if name not in state.traced:
            state.traced[name] = tuple(dict.fromkeys(_trace(name, state)))
    return state.traced[id]


def _untraced(id: str, state: Needs) -> list[str]:
    if is_settled(state.facts[id]):
        return []
    return [input for input in state.plan.program.inputs.get(id, ()) if input not in state.traced]


def _trace(id: str, state: Needs) -> list[str]:
    known = state.facts[id]
    if is_settled(known):
        return []
    fact = state.plan.guideline.facts.get(id)
    if fact is None:
        return _trace_weighing(id.removesuffix(".confirmed"), state)
    # What is recorded stands, whether the fact applies or not; what is computed does not.
    may_apply = known.values.none and (not known.has_data or fact.derivation is not None)
    found = list(needs_of([state.plan.only_if.get(id)], state)) if may_apply else []
    if fact.derivation is None or fact.question is not None or known.conflict is not None:
        return [*found, id]
    return [*found, *_trace_derivation(id, state)] or [id]


def _trace_derivation(id: str, state: Needs) -> list[str]:
    fact = state.plan.guideline.facts[id]
    match fact.derivation:
        case Formula(expression):
            return [asked for input in facts_in(expression) for asked in facts_to_ask(input, state)]
        case Holds() | Score():
            return list(needs_of(state.plan.rows.get(id, ()), state))
        case Table() as table:
            found: list[str] = []
            for row, tree in zip(table.all_rows, state.plan.rows[id], strict=True):
                truth = truth_in(tree, state.truths)
                found += needs_of([tree], state)
                if truth is not False and row.formula is not None:
                    found += [asked for input in facts_in(row.formula) for asked in facts_to_ask(input, state)]
                if truth is True:
                    break
            return found
        case _:
            return []


def _trace_weighing(id: str, state: Needs) -> list[str]:
    weighing = state.plan.guideline.weighings[id]
    decisive = [a for c in weighing.candidates for a in c.arguments if a.confirms or a.excludes]
    return [asked for a in decisive for asked in argument_needs(a.id, state)]


def argument_needs(id: str, state: Needs) -> tuple[str, ...]:
    """The facts that would settle an argument; none where its `when` is false or its `unless` true."""
    when, unless = state.plan.when[id], state.plan.unless.get(id)
    if truth_in(when, state.truths) is False or (unless is not None and truth_in(unless, state.truths) is True):
        return ()
    return needs_of([when, unless], state)
