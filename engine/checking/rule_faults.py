"""Faults of rules: those that can never fire or are always overridden, and overrides that never act."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from functools import partial

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
from guidewright.engine.program import fact_conditions, facts_behind
from guidewright.rules.condition_text import values_of
from guidewright.rules.conditions import facts_of, tests_of
from guidewright.rules.model import Rule


def rule_faults(proofs: Proofs, silent: set[str]) -> list[Look]:
    """Adds to `silent` the rules that are proved never to fire, of which nothing more need be said."""
    rules = proofs.guideline.rules.values()
    looks: list[Look] = [partial(_silence, rule, silent, proofs) for rule in rules]
    return looks + [partial(_idle_overrides, rule, silent, proofs) for rule in rules if rule.overrides]


def _silence(rule: Rule, silent: set[str], proofs: Proofs) -> Faults:
    found = _why_silent(rule, proofs)
    if found is not None:
        yield found
        if not found.undecided:
            silent.add(rule.id)


def _why_silent(rule: Rule, proofs: Proofs) -> Fault | None:
    firing = fires((rule.id,), proofs)
    possible = is_possible(firing, proofs)
    if possible:
        return None
    here = where(("", rule.place))
    if possible is None:
        return Fault("GW422", f"whether the rule `{rule.id}` can ever fire", (rule.id,), here, undecided=True)
    overridden = both(_has(rule, "overridden", proofs), is_true(rule.when, proofs))
    is_overridden = is_possible(overridden, proofs)
    if is_overridden:
        others = [proofs.guideline.rules[id] for id in proofs.program.replaced_by[rule.id]]
        return Fault(
            "GW423",
            f"the rule `{rule.id}` is always overridden where it would fire",
            (rule.id,),
            (*here, *where(*((f"`{other.id}` replaces it", other.place) for other in others))),
            "leave the rule out, or narrow those that replace it",
            example=overridden,
        )
    contradict = "two parts of its `when`, of its `unless`, or of `applies` contradict each other"
    if _rests_on_a_day(rule, proofs):
        day = f" on {proofs.prover.as_of}"
        contradict = f"it may on a later day, if a test of a fixed day keeps it from firing; else {contradict}"
    else:
        day = ""
    says = f"the rule `{rule.id}` can never fire{day}"
    if is_overridden is None:
        return Fault("GW422", says, (rule.id,), here)
    return Fault("GW422", f"{says}: no patient meets its condition", (rule.id,), here, contradict)


def _rests_on_a_day(rule: Rule, proofs: Proofs) -> bool:
    """Whether it, or what it follows from, compares a date with a fixed day: a later one may be reached later."""
    conditions = [proofs.guideline.applies, rule.when, *([rule.unless] if rule.unless is not None else [])]
    for fact in facts_behind((fact for condition in conditions for fact in facts_of(condition)), proofs.program):
        conditions += fact_conditions(proofs.guideline.facts[fact]) if fact in proofs.guideline.facts else ()
    tested = (value for condition in conditions for test in tests_of(condition) for value in values_of(test.check))
    return any(isinstance(value, date) for value in tested)


def _has(rule: Rule, status: str, proofs: Proofs) -> Example:
    wanted = proofs.prover.encoding.rules[rule.id][status]  # type: ignore[index]
    return Example((wanted,), lambda outcome: outcome.rules[rule.id] == status)


def _idle_overrides(rule: Rule, silent: Collection[str], proofs: Proofs) -> Faults:
    for id in rule.overrides:
        target = proofs.guideline.rules[id]
        if rule.id in silent or id in silent:
            continue
        possible = is_possible(fires((rule.id,), proofs, _has(target, "overridden", proofs)), proofs)
        if not possible:
            acts = f"`{rule.id}` overrides `{id}`"
            yield Fault(
                "GW424",
                f"{acts}, but where it fires that one never holds" if possible is False else f"whether {acts} ever",
                (rule.id, id),
                where(("", rule.place), ("the rule that it names", target.place)),
                "leave it out of `overrides`, or see whether a condition is too narrow",
                undecided=possible is None,
            )
