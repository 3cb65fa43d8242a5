"""What conditions come to for the patients that a record leaves."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from operator import or_
from typing import cast

from guidewright.engine.checks import check_truth
from guidewright.engine.deciding import confirmed
from guidewright.engine.known import Known
from guidewright.engine.questions.completed_facts import DIAGRAM, TRUTH, results_of
from guidewright.engine.questions.completions import Completions, values_of
from guidewright.engine.questions.diagrams import FALSE, OPEN, TRUE, Undecided
from guidewright.engine.questions.parts import Part, combined, diagram_of, negated, part_of
from guidewright.engine.three_valued import Truth
from guidewright.engine.trees import Leaf, Tree
from guidewright.rules.conditions import Check, Record, SaidAs
from guidewright.rules.model import ChoicesType, TextType
from guidewright.rules.values import NONE, ValueSet, without_none


def condition_in(tree: Tree, c: Completions) -> Part:
    """A condition. Raises `Undecided`."""
    if isinstance(tree, Leaf):
        if tree.number not in c.tests:
            c.tests[tree.number] = _test(tree.number, c)
        return c.tests[tree.number]
    if tree.number not in c.branches:
        parts = [condition_in(part, c) for part in tree.parts]
        c.branches[tree.number] = negated(parts[0]) if tree.kind == "not" else combined(tree.kind, parts, c.diagrams)
    return c.branches[tree.number]


def argument_in(id: str, c: Completions) -> Part:
    """Whether an argument holds. Raises `Undecided`."""
    plan = c.state.plan
    parts = [condition_in(plan.when[id], c)]
    if id in plan.unless:
        parts.append(negated(condition_in(plan.unless[id], c)))
    return combined("all", parts, c.diagrams)


# --- tests


def _test(number: int, c: Completions) -> Part:
    test, truth = c.state.plan.tests[number], c.state.truths.tests[number]
    if test.fact not in c.places:
        return _of_confirmed(test.fact.removesuffix(".confirmed"), test.check, c)
    if test.fact in c.turning:
        raise Undecided
    held = c.held[test.fact]
    # What holds of every value that a fact may have, or of none, stays so; what is asked about the record may turn.
    if test.fact not in c.roles or (truth is not None and not isinstance(test.check, Record | SaidAs)):
        return part_of(DIAGRAM[truth], c.diagrams, held)
    _prepare(test.fact, c)
    match c.roles[test.fact]:
        case "told":
            diagram = _of_told(test.fact, test.check, c)
        case "free":
            diagram = _of_free(test.fact, test.check, truth, c)
        case _:
            diagram = _of_results(c.results[test.fact], test.fact, test.check, c)
    return part_of(diagram, c.diagrams, held)


def _prepare(id: str, c: Completions) -> None:
    """Works out whether a fact applies and what it comes to; before it those that it follows from, however long the
    chain is.
    """
    plan = c.state.plan
    needed: set[str] = set()
    waiting = [id]
    while waiting:
        name = waiting.pop()
        role = c.roles.get(name, "free")
        derived = role == "derived"
        if name in needed or role == "free" or name in (c.results if derived else c.gates):
            continue
        needed.add(name)
        waiting += plan.program.inputs[name] if derived else c.only_if_of(name) if c.may_not_apply(name) else ()
    for name in sorted(needed, key=c.places.__getitem__):
        if c.may_not_apply(name) and name not in c.gates:
            c.gates[name] = diagram_of(condition_in(plan.only_if[name], c), c.diagrams)
        if c.roles[name] == "derived":
            rows = [diagram_of(condition_in(row, c), c.diagrams) for row in plan.rows.get(name, ())]
            c.results[name] = results_of(plan.guideline.facts[name], rows, c)


def _of_told(fact: str, check: Check, c: Completions) -> int:
    """A test of a fact that varies."""
    values, known, diagrams = values_of(fact, c), c.facts[fact], c.diagrams
    leads = [_truth_at(i, fact, check, c) for i in range(len(values.bits))]
    gate = c.gates.get(fact, TRUE)

    def choice(now: Known) -> int:
        return diagrams.choice(c.places[fact], [*leads, _checked(now, fact, check, c)] if values.now else leads)

    if gate == TRUE:
        return choice(known)
    where = {
        FALSE: _checked(Known(NONE, False), fact, check, c),
        OPEN: choice(known),
        TRUE: choice(Known(without_none(known.values), known.has_data, known.said)),
    }
    found = FALSE
    for truth, here in where.items():
        is_so = diagrams.each(gate, lambda lead, truth=truth: TRUE if lead == truth else FALSE)  # type: ignore[misc]
        found = diagrams.joined(found, diagrams.met(is_so, here))
    return found


def _truth_at(i: int, fact: str, check: Check, c: Completions) -> int:
    """The truth of a test where a fact is known to have one of its values."""
    values, cells = c.values[fact], c.cells(fact)
    match check:
        case Record(word):
            return TRUE if word == "known" and values.bits[i] != cells.none else FALSE
        case SaidAs():
            return FALSE
        case _ if isinstance(cells.kind, ChoicesType | TextType):
            assert values.sets is not None
            return _checked(Known(values.sets[i], True), fact, check, c)
        case _:
            passing, _ = cells.masks[check]
            return TRUE if values.bits[i] & passing else FALSE


def _of_free(fact: str, check: Check, truth: Truth, c: Completions) -> int:
    cells = c.cells(fact)
    if isinstance(check, Record | SaidAs) or isinstance(cells.kind, ChoicesType | TextType):
        raise Undecided
    values, (passing, _) = values_of(fact, c), cells.masks[check]
    leads = [TRUE if bit & passing else FALSE for bit in values.bits]
    return c.diagrams.choice(c.places[fact], [*leads, DIAGRAM[truth]])


def _of_results(results: int, fact: str, check: Check, c: Completions) -> int:
    """A test of a fact that is derived."""
    if check == Record("uncertain"):
        raise Undecided

    def tested(result: int) -> int:
        return _checked(Known(cast(ValueSet, c.diagrams.results[result]), True), fact, check, c)

    return c.diagrams.each(results, tested)


def _checked(known: Known, fact: str, check: Check, c: Completions) -> int:
    return DIAGRAM[check_truth(check, known, c.state.plan.program.kinds[fact])]


# --- what a weighing confirms


def _of_confirmed(id: str, check: Check, c: Completions) -> Part:
    weighing = c.state.plan.guideline.weighings[id]
    decisive = [a.id for w in weighing.candidates for a in w.arguments if a.confirms or a.excludes]
    parts = [argument_in(argument, c) for argument in decisive]
    held, diagrams = reduce(or_, (part.held for part in parts), 0), c.diagrams
    found = _every_truth([diagram_of(part, diagrams) for part in parts], c)

    def tested(result: int) -> int:
        truths = cast(tuple[Truth, ...], diagrams.results[result])
        values = confirmed(weighing, dict(zip(decisive, truths, strict=True)))
        return _checked(Known(values, False), f"{id}.confirmed", check, c)

    return part_of(diagrams.each(found, tested), diagrams, held)


def _every_truth(conditions: Sequence[int], c: Completions) -> int:
    """What each of these conditions comes to, together."""
    diagrams = c.diagrams
    found = diagrams.result(())

    def with_one_more(so_far: int, truth: int) -> int:
        return diagrams.result((*cast(tuple[Truth, ...], diagrams.results[so_far]), TRUTH[truth]))

    for condition in conditions:
        found = diagrams.paired(found, condition, with_one_more)
    return found
