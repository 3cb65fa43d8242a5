"""What a guideline claims of itself, proved for every incomplete record, or a patient for whom it is not so."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import combinations

from guidewright.engine.outcome import Outcome
from guidewright.engine.proofs.encoded_facts import Kleene, truth_of
from guidewright.engine.proofs.propositions import FALSE, Proposition
from guidewright.engine.proofs.witness import Prover
from guidewright.rules.claims import Exclusive, Invariant
from guidewright.rules.conditions import Condition
from guidewright.rules.model import Guideline, Rule
from guidewright.rules.overriding import whole_of


@dataclass(frozen=True, slots=True, repr=False)
class Violation:
    """A way in which a claim may fail: what would have to be true, which rules it concerns, and whether the reference
    evaluator says so of these rules. Whether the patient is one of those for whom it is claimed, `holds` does not ask.
    """

    wanted: tuple[Proposition, ...]
    rules: tuple[str, ...]
    holds: Callable[[Outcome], bool]


def violations(invariant: Invariant, prover: Prover) -> Iterator[Violation]:
    """Every way in which an invariant may fail. It is claimed where `applies` is not false, `when` is true and `unless`
    is not true.
    """
    encoding = prover.encoding
    under = _under(invariant, prover)
    for rule in _never(invariant, encoding.program.guideline):
        yield Violation((*under, encoding.rules[rule]["fired"]), (rule,), _all_fire((rule,)))
    for group in invariant.never_together:
        for pair in combinations(group, 2):
            yield Violation((*under, *(encoding.rules[rule]["fired"] for rule in pair)), pair, _all_fire(pair))
    if invariant.one_fires:
        none = tuple(-encoding.rules[rule]["fired"] for rule in invariant.one_fires)
        yield Violation((*under, *none), invariant.one_fires, _none_fires(invariant.one_fires))


def clashes(group: Exclusive, prover: Prover) -> Iterator[Violation]:
    """Every way in which two of what excludes each other may be recommended for one patient."""
    encoding = prover.encoding
    guideline = encoding.program.guideline
    pairs = list(combinations(group.rules, 2))
    for one, other in combinations(group.acts, 2):
        pairs += [
            (a.id, b.id)
            for a in _acting(one, guideline)
            for b in _acting(other, guideline)
            # A rule that names both offers a choice.
            if a.id != b.id and not _both(a, one, other, guideline) and not _both(b, one, other, guideline)
        ]
    for pair in dict.fromkeys(tuple(sorted(pair)) for pair in pairs):
        yield Violation(tuple(encoding.rules[rule]["fired"] for rule in pair), pair, _all_fire(pair))


def _under(invariant: Invariant, prover: Prover) -> tuple[Proposition, ...]:
    unless = _truth(invariant.unless, prover).yes if invariant.unless is not None else FALSE
    return (-prover.encoding.applies.no, _truth(invariant.when, prover).yes, -unless)


def _truth(condition: Condition, prover: Prover) -> Kleene:
    encoding = prover.encoding
    return truth_of(condition, encoding.states, encoding.shapes, encoding.nodes)


def _never(invariant: Invariant, guideline: Guideline) -> tuple[str, ...]:
    acting = [rule.id for action in invariant.never_acts for rule in _acting(action, guideline)]
    return tuple(dict.fromkeys((*invariant.never_fires, *acting)))


def _acting(action: str, guideline: Guideline) -> list[Rule]:
    """The rules that recommend an action or a part of it."""
    return [
        rule
        for rule in guideline.rules.values()
        if rule.kind in ("do", "consider") and _acts_on(rule, action, guideline)
    ]


def _acts_on(rule: Rule, action: str, guideline: Guideline) -> bool:
    return any(action in whole_of(own, guideline.actions) for own in rule.acts)


def _both(rule: Rule, one: str, other: str, guideline: Guideline) -> bool:
    return _acts_on(rule, one, guideline) and _acts_on(rule, other, guideline)


def _all_fire(rules: tuple[str, ...]) -> Callable[[Outcome], bool]:
    return lambda outcome: all(outcome.rules[rule] == "fired" for rule in rules)


def _none_fires(rules: tuple[str, ...]) -> Callable[[Outcome], bool]:
    return lambda outcome: all(outcome.rules[rule] != "fired" for rule in rules)
