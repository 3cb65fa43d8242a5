"""Chains in which replacing a rule brings back what that rule had replaced: an overridden rule overrides nothing."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from functools import partial

from guidewright.engine.checking.claim_faults import excluding_pairs
from guidewright.engine.checking.claims import (
    Example,
    Fault,
    Faults,
    Look,
    Proofs,
    both,
    fires,
    is_possible,
    is_true,
    where,
)
from guidewright.rules.model import Rule

_Chain = tuple[Rule, Rule, Rule]


def override_chains(proofs: Proofs, silent: Collection[str]) -> list[Look]:
    """`silent` are rules that never fire at all."""
    return [partial(_of_chain, chain, silent, proofs) for chain in _chains(proofs)]


def _chains(proofs: Proofs) -> Iterator[_Chain]:
    """The first replaces the second, which replaces the third, and the first does not.

    Where the first and the second exclude each other, the second is wrong for the patient, and with it its reason to
    replace the third. Where the first and the third do, that is told of elsewhere. What only informs may come back.
    """
    rules, replaced_by = proofs.guideline.rules, proofs.program.replaced_by
    excluding = excluding_pairs(proofs)
    for last in rules.values():
        if last.kind in ("do", "consider", "avoid"):
            replacing = replaced_by[last.id]
            for middle in replacing:
                for first in replaced_by[middle]:
                    told = {frozenset((first, other)) for other in (middle, last.id)} & excluding
                    if first not in (*replacing, *last.despite, last.id) and not told:
                        yield rules[first], rules[middle], last


def _of_chain(chain: _Chain, silent: Collection[str], proofs: Proofs) -> Faults:
    first, middle, last = chain
    if any(rule.id in silent for rule in chain):
        return
    example = fires((first.id, last.id), proofs, _is_replaced(middle, proofs))
    possible = is_possible(example, proofs)
    if possible is not False:
        says = f"`{first.id}` replaces `{middle.id}`, so `{last.id}` comes back, which `{middle.id}` replaces"
        yield Fault(
            "GW434",
            says if possible else f"whether for some patient {says}",
            (first.id, middle.id, last.id),
            where(
                ("", first.place),
                (f"`{middle.id}` would hold, and replace `{last.id}`", middle.place),
                (f"`{last.id}` fires", last.place),
            ),
            f"let `{first.id}` replace `{last.id}` too, narrow `{last.id}`, or accept it where it is right for them",
            example=example,
            undecided=possible is None,
        )


def _is_replaced(rule: Rule, proofs: Proofs) -> Example:
    """Patients for whom a rule holds and is overridden."""
    overridden = proofs.prover.encoding.rules[rule.id]["overridden"]
    has_it = Example((overridden,), lambda outcome: outcome.rules[rule.id] == "overridden")
    return both(has_it, is_true(rule.when, proofs))
