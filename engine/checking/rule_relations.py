"""Rules that fire for the same patients, or one wherever another does; and arguments that hold for the same patients,
so that one thing counts twice.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from functools import partial
from itertools import combinations

from guidewright.engine.checking.claims import (
    Example,
    Fault,
    Faults,
    Look,
    Proofs,
    both,
    can_hold,
    fires,
    is_meant,
    listed,
    where,
)
from guidewright.engine.proofs.solving import find
from guidewright.rules.model import Argument, Candidate, Guideline, Rule
from guidewright.rules.overriding import whole_of

_Along = dict[str, set[str]]
"""For each rule those that fired too for every record so far for which it fired, as far as that matters."""


def rule_relations(proofs: Proofs, silent: Collection[str]) -> list[Look]:
    """Rules that say the same are a warning; that other rules fire for the same patients may well be meant. What the
    solver finds is not replayed here: where a formula plays a part, two rules may be told apart that no patient does.

    `silent` are rules that never fire at all.
    """
    along: _Along = {}
    undecided: set[tuple[str, str]] = set()
    rules = list(proofs.guideline.rules.values())
    looks: list[Look] = [
        partial(_of_rule, rule, rules[:position], along, undecided, silent, proofs)
        for position, rule in enumerate(rules)
    ]
    candidates = [candidate for weighing in proofs.program.weighings for candidate in weighing.candidates]
    return looks + [partial(_of_candidate, candidate, proofs) for candidate in candidates]


# --- rules


def _of_rule(
    rule: Rule,
    earlier: list[Rule],
    along: _Along,
    undecided: set[tuple[str, str]],
    silent: Collection[str],
    proofs: Proofs,
) -> Faults:
    if not along:
        for outcome in proofs.seen:
            _learn((id for id in proofs.guideline.rules if outcome.rules[id] == "fired"), along)
    if rule.id in silent:
        return
    if rule.id in along:
        along[rule.id] = {other for other in along[rule.id] if _matters(rule.id, other, along, proofs.guideline)}
    _settle(rule.id, along, undecided, proofs)
    for other in earlier:
        if other.id not in silent:
            yield from _of_pair(other, rule, along, undecided, proofs)


def _learn(fired: Iterable[str], along: _Along) -> None:
    together = set(fired)
    for rule in together:
        along[rule] = along.get(rule, together) & together - {rule}


def _matters(rule: str, other: str, along: _Along, guideline: Guideline) -> bool:
    """Whether anything would be told of two rules of which the other fires wherever the one does."""
    is_mutual = rule in along.get(other, {rule})
    return is_mutual or _common(guideline.rules[rule], guideline.rules[other], guideline) is not None


def _settle(rule: str, along: _Along, undecided: set[tuple[str, str]], proofs: Proofs) -> None:
    """Leaves those that fire wherever this rule does, and those of which that could not be decided."""
    statuses, nodes, solver = proofs.prover.encoding.rules, proofs.prover.encoding.nodes, proofs.prover.solver
    fired = {id: statuses[id]["fired"] for id in proofs.guideline.rules}
    while rule not in along or along[rule]:
        every = [fired[other] for other in along.get(rule, ())]
        wanted = (fired[rule], -nodes.all(every)) if every else (fired[rule],)
        found = find(solver, wanted)
        if found == "undecided" and rule not in along:
            # Nothing is told of those with which it has nothing in common: whether it ever fires is told already.
            along[rule] = set()
            guideline = proofs.guideline
            others = (id for id in fired if id != rule)
            common = (id for id in others if _common(guideline.rules[rule], guideline.rules[id], guideline) is not None)
            undecided.update((rule, other) for other in common)
        elif found == "undecided":
            for other in sorted(along.get(rule, ())):
                answer = can_hold((fired[rule], -fired[other]), proofs)
                if answer is not False:
                    along[rule].discard(other)
                if answer is None:
                    undecided.add((rule, other))
        if isinstance(found, str):
            return
        _learn((id for id, fires in fired.items() if found[fires]), along)


def _of_pair(one: Rule, other: Rule, along: _Along, undecided: Collection[tuple[str, str]], proofs: Proofs) -> Faults:
    """`one` stands before `other`."""
    there, back = (_implies(a.id, b.id, along, undecided) for a, b in ((one, other), (other, one)))
    common = _common(one, other, proofs.guideline)
    if there is not False and back is not False:
        yield _equivalent(one, other, common, there is None or back is None, proofs)
    elif common is not None and there is not False:
        yield _implied(one, other, common, there is None, proofs)
    elif common is not None and back is not False:
        yield _implied(other, one, common, back is None, proofs)


def _implies(rule: str, other: str, along: _Along, undecided: Collection[tuple[str, str]]) -> bool | None:
    return None if (rule, other) in undecided else other in along.get(rule, ())


def _equivalent(one: Rule, other: Rule, common: str | None, undecided: bool, proofs: Proofs) -> Fault:
    pair = (one.id, other.id)
    says = f"{listed(pair)} fire for the same patients{f' and {common}' if common is not None else ''}"
    return Fault(
        "GW429",
        f"whether {says}" if undecided else f"{says}, whatever is recorded",
        pair,
        where((f"the rule `{one.id}`", one.place), (f"the rule `{other.id}`", other.place)),
        "make one rule of them, or see whether a condition is not what was meant"
        if common is not None
        else "nothing is wrong where each says something of its own",
        severity="warning" if common is not None else "note",
        example=fires(pair, proofs),
        undecided=undecided,
    )


def _implied(narrow: Rule, wide: Rule, common: str, undecided: bool, proofs: Proofs) -> Fault:
    says = f"`{wide.id}` fires wherever `{narrow.id}` does"
    does_not = Example(
        (-proofs.prover.encoding.rules[narrow.id]["fired"],), lambda outcome: outcome.rules[narrow.id] != "fired"
    )
    return Fault(
        "GW430",
        f"whether {says}" if undecided else f"{says}, and they {common}",
        (narrow.id, wide.id),
        where((f"the rule `{narrow.id}`", narrow.place), (f"the rule `{wide.id}`", wide.place)),
        f"have `{narrow.id}` override it where it says all; nothing is wrong where it adds something",
        severity="note",
        example=both(fires((wide.id,), proofs), does_not),
        undecided=undecided,
    )


def _common(one: Rule, other: Rule, guideline: Guideline) -> str | None:
    """What two rules say alike, if anything: it decides whether they are the same, or a list for the same patients."""
    acts, stops = (_touching(a, b, guideline) for a, b in ((one.acts, other.acts), (one.stops, other.stops)))
    asks = [fact for fact in one.asks if fact in other.asks]
    for does, ids in (("act on", acts), ("stop", stops), ("ask for", asks)):
        if ids:
            return f"both {does} {listed(ids)}"
    return "say the same" if one.kind == other.kind and one.text == other.text else None


def _touching(ours: Iterable[str], theirs: Collection[str], guideline: Guideline) -> list[str]:
    """Those of our actions that are theirs too, or a part of one, or that one is a part of."""
    actions = guideline.actions
    return [a for a in ours if any(a in whole_of(b, actions) or b in whole_of(a, actions) for b in theirs)]


# --- arguments


def _of_candidate(candidate: Candidate, proofs: Proofs) -> Faults:
    for one, other in combinations(candidate.arguments, 2):
        # Where one decides, the other's weight counts nothing beside it.
        if (one.weight == 0) == (other.weight == 0):
            yield from _of_arguments(one, other, candidate, proofs)


def _of_arguments(one: Argument, other: Argument, candidate: Candidate, proofs: Proofs) -> Faults:
    if any(seen.arguments[one.id] is not seen.arguments[other.id] for seen in proofs.seen if seen.applies is not False):
        return
    nodes = proofs.prover.encoding.nodes
    this, that = (proofs.prover.encoding.arguments[argument.id] for argument in (one, other))
    unlike = nodes.any(nodes.choose(a, -b, b) for a, b in ((this.yes, that.yes), (this.no, that.no)))
    if any(can_hold((proofs.meant, truth), proofs) is False for truth in (this.yes, this.no)):
        return
    possible = can_hold((proofs.meant, unlike), proofs)
    if possible:
        return
    pair = (one.id, other.id)
    says = f"the arguments {listed(pair)} about `{candidate.id}` hold for the same patients"
    hold = Example((this.yes,), lambda outcome: all(outcome.arguments[id] is True for id in pair))
    yield Fault(
        "GW435",
        f"whether {says}" if possible is None else f"{says}, so {_consequence(one, other)}",
        pair,
        where((f"the argument `{one.id}`", one.place), (f"the argument `{other.id}`", other.place)),
        "make one argument of them, or see whether a condition is not what was meant",
        example=both(is_meant(proofs), hold),
        undecided=possible is None,
    )


def _consequence(one: Argument, other: Argument) -> str:
    if one.weight == 0:
        alike = one.confirms == other.confirms
        return "one of them adds nothing" if alike else "it is confirmed and excluded at once"
    return "one thing counts twice" if one.weight * other.weight > 0 else "one takes back what the other gives"
