"""Limits that are off by one: of two neighbours one holds below a value and one above it, and for the value itself
neither does, or both. Neighbours are alike but for that test; where both leave out a value that they name, one may
test more.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import permutations

from guidewright.engine.cells import value_bits
from guidewright.engine.checking.alike_conditions import difference, plain, replaced, whole_condition
from guidewright.engine.checking.claims import (
    Example,
    Fault,
    Faults,
    Look,
    Proofs,
    both,
    is_meant,
    is_possible,
    may_apply,
    where,
)
from guidewright.engine.checking.pathway_faults import comes_to
from guidewright.engine.outcome import Outcome
from guidewright.engine.proofs.encoded_facts import Shape, values_in
from guidewright.engine.proofs.propositions import Proposition
from guidewright.rules.condition_text import values_of
from guidewright.rules.conditions import (
    ALWAYS,
    AnyOf,
    Compare,
    Condition,
    Not,
    Within,
    facts_of,
    tests_of,
)
from guidewright.rules.diagnostics import Place
from guidewright.rules.display import quoted
from guidewright.rules.domains import written
from guidewright.rules.model import Candidate, Fact, Rule, Score, Stage, Step, Table
from guidewright.rules.values import Value, single

_NEVER = AnyOf(())


@dataclass(frozen=True, slots=True, repr=False)
class _One:
    """One of several that may be neighbours. `condition` has `not` only before tests; `holds` is that it fires, holds
    or is true, and `held` whether it does so by the reference evaluator.
    """

    name: str
    about: tuple[str, ...]
    condition: Condition
    holds: Proposition
    held: Callable[[Outcome], bool]
    place: Place | None


@dataclass(frozen=True, slots=True, repr=False)
class _Several:
    """What may be neighbours of each other, such as the rules that test the same fact. `does`: what one of them does,
    and two. `among`: the patients whom it concerns. `twice`: whether it is a fault where two hold. `fact`: the one of
    which the limit is, where it matters.
    """

    every: tuple[_One, ...]
    does: tuple[str, str]
    among: Example
    twice: bool = True
    fact: str | None = None


@dataclass(frozen=True, slots=True, repr=False)
class _Meeting:
    """Two neighbours, the test of each, and cells of the fact: the limit, and those below and above it."""

    lower: _One
    upper: _One
    tests: tuple[Condition, Condition]
    fact: str
    limit: int
    beside: tuple[int, int]
    twice: bool


def boundary_faults(proofs: Proofs) -> list[Look]:
    """Where something else settles it already, nothing is said: in a table the first row that holds counts; a row or an
    answer `otherwise` is there for what is left; and of answers that are true together other findings tell.
    """
    by_fact: dict[str, list[Rule]] = defaultdict(list)
    for rule in proofs.guideline.rules.values():
        for fact in facts_of(whole_condition(rule.when, rule.unless)):
            by_fact[fact].append(rule)
    looks: list[Look] = [partial(_of_rules, rules, fact, proofs) for fact, rules in by_fact.items() if len(rules) > 1]
    looks += (partial(_of_rows, fact, proofs) for fact in proofs.program.facts)
    for weighing in proofs.program.weighings:
        looks += (partial(_of_arguments, candidate, proofs) for candidate in weighing.candidates)
    for stage in proofs.guideline.stages:
        looks += (partial(_of_answers, step, stage, proofs) for step in stage.steps if step.answers)
    return looks


# --- what may be neighbours


def _of_rules(rules: Sequence[Rule], fact: str, proofs: Proofs) -> Faults:
    """The rules that test a fact."""
    fired = {rule.id: proofs.prover.encoding.rules[rule.id]["fired"] for rule in rules}
    every = tuple(
        _One(
            f"`{rule.id}`",
            (rule.id,),
            whole_condition(rule.when, rule.unless),
            fired[rule.id],
            lambda outcome, id=rule.id: outcome.rules[id] == "fired",  # type: ignore[misc]
            rule.place,
        )
        for rule in rules
    )
    return _of(_Several(every, ("fires", "fire"), is_meant(proofs), fact=fact), proofs)


def _of_rows(fact: Fact, proofs: Proofs) -> Faults:
    match fact.derivation:
        case Table(rows, otherwise=None) | Score(rows):
            every = tuple(
                _of_condition(
                    f"`{row.id}`" if row.id is not None else f"row {position}",
                    (fact.id,) if row.id is None else (fact.id, row.id),
                    row.when,
                    row.place or fact.place,
                    proofs,
                )
                for position, row in enumerate(rows, 1)
            )
            among = both(is_meant(proofs), may_apply(fact, proofs))
            return _of(_Several(every, ("holds", "hold"), among, isinstance(fact.derivation, Score)), proofs)
    return iter(())


def _of_arguments(candidate: Candidate, proofs: Proofs) -> Faults:
    truths = proofs.prover.encoding.arguments
    every = tuple(
        _One(
            f"`{argument.id}`",
            (argument.id,),
            whole_condition(argument.when, argument.unless),
            truths[argument.id].yes,
            lambda outcome, id=argument.id: outcome.arguments[id] is True,  # type: ignore[misc]
            argument.place,
        )
        for argument in candidate.arguments
    )
    return _of(_Several(every, ("holds", "hold"), is_meant(proofs)), proofs)


def _of_answers(step: Step, stage: Stage, proofs: Proofs) -> Faults:
    if step.answers[-1].last != "assumed":
        return iter(())
    key = f"{stage.id}/{step.id}"
    every = tuple(
        _of_condition(quoted(answer.text), (key,), answer.when, step.place, proofs) for answer in step.answers[:-1]
    )
    return _of(_Several(every, ("is true", "are true"), comes_to(step, stage, proofs), twice=False), proofs)


def _of_condition(name: str, about: tuple[str, ...], condition: Condition, place: Place | None, proofs: Proofs) -> _One:
    return _One(
        name,
        about,
        plain(condition),
        proofs.truth(condition).yes,
        lambda outcome: proofs.said(condition, outcome) is True,
        place,
    )


# --- two neighbours and the value at which they meet


def _of(several: _Several, proofs: Proofs) -> Faults:
    for lower, upper in permutations(several.every, 2):
        found = difference(lower.condition, upper.condition)
        if found is None or several.fact not in (None, *facts_of(found[0])):
            continue
        one, other, alike = found
        if not _compares(one) or not _compares(other):
            continue
        meeting = _meeting(lower, upper, (one, other), proofs)
        if meeting is None or (meeting.twice and not several.twice):
            continue
        if alike or (not meeting.twice and _both_name_it(meeting, proofs)):
            yield from _of_meeting(meeting, several, proofs)


def _meeting(lower: _One, upper: _One, tests: tuple[Condition, Condition], proofs: Proofs) -> _Meeting | None:
    """The meeting of two tests of which one holds below a value and one above it, and for it both or neither."""
    fact = facts_of(tests[0])[0]
    shape = proofs.prover.encoding.shapes[fact]
    below, above = (_passing(test, shape) for test in tests)
    if not below or not above:
        return None
    twice = below[-1] == above[0]
    between = [below[-1]] if twice else [i for i in range(below[-1] + 1, above[0]) if shape.possible[i]]
    if len(between) != 1 or not shape.single[between[0]] or (twice and 1 in (len(below), len(above))):
        return None
    beside = (below[-2], above[1]) if twice else (below[-1], above[0])
    return _Meeting(lower, upper, tests, fact, between[0], beside, twice)


def _both_name_it(meeting: _Meeting, proofs: Proofs) -> bool:
    """Whether the limit stands in both tests, so that they are meant to meet there."""
    value = _value(meeting.limit, proofs.prover.encoding.shapes[meeting.fact])
    return all(value in values_of(next(tests_of(test)).check) for test in meeting.tests)


def _compares(test: Condition) -> bool:
    check = next(tests_of(test)).check
    return isinstance(check, Within) or (isinstance(check, Compare) and check.operator != "!=")


def _passing(test: Condition, shape: Shape) -> list[int]:
    """The cells of the values for which a test, or what is not the test, holds."""
    check = next(tests_of(test)).check
    passing, failing = shape.cells.masks[check]
    mask = failing if isinstance(test, Not) else passing
    return [i for i, possible in enumerate(shape.possible) if possible and mask >> i & 1]


def _of_meeting(meeting: _Meeting, several: _Several, proofs: Proofs) -> Faults:
    lower, upper = meeting.lower, meeting.upper
    if meeting.twice:
        wrong = [_holding(lower), _holding(upper)]
    else:
        wrong = [_decides(one, test, proofs) for one, test in zip((lower, upper), meeting.tests, strict=True)]
        wrong += (_failing(one) for one in several.every if not several.twice or _may_take(one, meeting, proofs))
    example = both(several.among, _is_in(meeting.limit, meeting.fact, proofs), *wrong)
    below = both(several.among, _is_in(meeting.beside[0], meeting.fact, proofs), _holding(lower), _failing(upper))
    above = both(several.among, _is_in(meeting.beside[1], meeting.fact, proofs), _holding(upper), _failing(lower))
    possible = [is_possible(kind, proofs) for kind in (example, below, above)]
    if False not in possible:
        yield _fault(meeting, several, example, None in possible, proofs)


def _may_take(one: _One, meeting: _Meeting, proofs: Proofs) -> bool:
    """Whether it is like one of two neighbours but for a test that holds for the value, and not on both sides of it."""
    shape = proofs.prover.encoding.shapes[meeting.fact]
    for other in (meeting.lower, meeting.upper):
        found = difference(one.condition, other.condition)
        if found is not None and facts_of(found[0]) == (meeting.fact,):
            passing = _passing(found[0], shape)
            if meeting.limit in passing and not set(meeting.beside) <= set(passing):
                return True
    return False


def _fault(meeting: _Meeting, several: _Several, example: Example, undecided: bool, proofs: Proofs) -> Fault:
    lower, upper = meeting.lower, meeting.upper
    value = _written(_value(meeting.limit, proofs.prover.encoding.shapes[meeting.fact]), meeting.fact, proofs)
    one_does, two_do = several.does
    does = f"both {lower.name} and {upper.name} {two_do}" if meeting.twice else ""
    does = does or f"neither {lower.name} nor {upper.name} {one_does}"
    says = f"where `{meeting.fact}` is exactly {value}, {does}"
    only = "only " if meeting.twice else ""
    sides = f"below it {only}{lower.name} does, above it {only}{upper.name}"
    tested = [next(tests_of(test)).place for test in meeting.tests]
    return Fault(
        "GW432",
        f"whether {says}" if undecided else f"{says}; {sides}",
        tuple(dict.fromkeys((*lower.about, *upper.about))),
        where(("", tested[0] or lower.place), (f"the test of {upper.name}", tested[1] or upper.place)),
        f"let {'only one' if meeting.twice else 'one'} of the two hold for this value too",
        example=example,
        undecided=undecided,
    )


def _holding(one: _One) -> Example:
    return Example((one.holds,), one.held)


def _failing(one: _One) -> Example:
    return Example((-one.holds,), lambda outcome: not one.held(outcome))


def _decides(one: _One, test: Condition, proofs: Proofs) -> Example:
    """Patients for whom a condition holds where a test in it does, and does not where that does not."""
    with_it, without = (replaced(one.condition, test, by) for by in (ALWAYS, _NEVER))
    return Example(
        (proofs.truth(with_it).yes, proofs.truth(without).no),
        lambda outcome: proofs.said(with_it, outcome) is True and proofs.said(without, outcome) is False,
    )


def _is_in(cell: int, fact: str, proofs: Proofs) -> Example:
    """Patients for whom a fact is known to be in a cell."""
    encoding = proofs.prover.encoding
    cells, may = encoding.shapes[fact].cells, encoding.states[fact].may
    wanted = tuple(each if i == cell else -each for i, each in enumerate(may))
    return Example(wanted, lambda outcome: value_bits(cells, outcome.facts[fact].values) == 1 << cell)


def _value(cell: int, shape: Shape) -> Value:
    """The one value in a cell."""
    for value, bit in shape.cells.bits.items():
        if bit == 1 << cell:
            return value
    value_ = single(values_in(cell, shape.cells, shape.kind, shape.everything))
    assert value_ is not None
    return value_


def _written(value: Value, fact: str, proofs: Proofs) -> str:
    return written(value, proofs.program.kinds[fact])
