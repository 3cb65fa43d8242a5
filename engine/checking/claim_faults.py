"""Faults in what a guideline claims of itself: an invariant that does not hold, and rules that exclude each other but
fire together.
"""

from __future__ import annotations

from functools import partial

from guidewright.engine.checking.claims import Example, Fault, Faults, Look, Proofs, both, is_possible, listed, where
from guidewright.engine.checking.invariants import clashes, violations
from guidewright.engine.outcome import Outcome
from guidewright.rules.claims import Exclusive, Invariant


def claim_faults(proofs: Proofs) -> list[Look]:
    """Two rules that exclude each other are told of once, though they may stand in several groups."""
    told: set[frozenset[str]] = set()
    looks: list[Look] = [partial(_of_invariant, one, proofs) for one in proofs.guideline.invariants.values()]
    return looks + [partial(_of_group, group, told, proofs) for group in proofs.guideline.exclusive]


def excluding_pairs(proofs: Proofs) -> frozenset[frozenset[str]]:
    """Any two rules that exclude each other, by what the guideline claims."""
    groups = proofs.guideline.exclusive
    return frozenset(frozenset(clash.rules) for group in groups for clash in clashes(group, proofs.prover))


def _of_invariant(invariant: Invariant, proofs: Proofs) -> Faults:
    for violation in violations(invariant, proofs.prover):
        example = both(Example(violation.wanted, violation.holds), _concerned(invariant, proofs))
        possible = is_possible(example, proofs)
        if possible is False:
            continue
        rules = proofs.guideline.rules
        if violation.rules == invariant.one_fires:
            several = len(violation.rules) > 1
            how = f"none of {listed(violation.rules)} fires" if several else f"{listed(violation.rules)} does not fire"
        else:
            how = f"{listed(violation.rules)} {'fires' if len(violation.rules) == 1 else 'fire together'}"
        says = f"the invariant `{invariant.id}` ({invariant.says})"
        yield Fault(
            "GW420",
            f"{says} does not hold: {how}" if possible else f"whether against {says} {how}",
            (invariant.id, *violation.rules),
            where(("", invariant.place), *((f"the rule `{id}`", rules[id].place) for id in violation.rules)),
            "narrow the rule, have another one override it, or say `unless` in the invariant",
            example=example,
            undecided=possible is None,
        )


def _concerned(invariant: Invariant, proofs: Proofs) -> Example:
    """Patients of whom the invariant claims something, by the reference evaluator."""

    def holds(outcome: Outcome) -> bool:
        excepted = invariant.unless is not None and proofs.said(invariant.unless, outcome) is True
        return outcome.applies is not False and proofs.said(invariant.when, outcome) is True and not excepted

    return Example((), holds)


def _of_group(group: Exclusive, told: set[frozenset[str]], proofs: Proofs) -> Faults:
    for violation in clashes(group, proofs.prover):
        if frozenset(violation.rules) in told:
            continue
        example = Example(violation.wanted, violation.holds)
        possible = is_possible(example, proofs)
        if possible is False:
            continue
        told.add(frozenset(violation.rules))
        one, other = (proofs.guideline.rules[id] for id in violation.rules)
        fire = f"{listed(violation.rules)} fire for one patient"
        yield Fault(
            "GW421",
            f"{fire}, and exclude each other ({group.says})" if possible else f"whether {fire} ({group.says})",
            violation.rules,
            where((f"the rule `{one.id}`", one.place), (f"the rule `{other.id}`", other.place), ("", group.place)),
            "have one override the other, or let their conditions exclude each other",
            example=example,
            undecided=possible is None,
        )
