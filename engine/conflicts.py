"""Contradictions: between sources, between record and computation, with what makes a fact apply, and among
decisive arguments.
"""

from __future__ import annotations

from guidewright.engine.assessment import Conflict
from guidewright.engine.known import Known, is_settled
from guidewright.engine.questions.asking import Explained
from guidewright.rules.conditions import facts_of
from guidewright.rules.english import condition_in_words, set_in_words
from guidewright.rules.model import Fact
from guidewright.rules.patient import Patient, Record


def conflicts_of(explained: Explained, patient: Patient) -> tuple[Conflict, ...]:
    """Every contradiction in the record, in the order of the facts, then those of the weighings."""
    found: list[Conflict] = []
    for fact in explained.plan.guideline.facts.values():
        known = explained.outcome.facts[fact.id]
        record = patient.records.get(fact.id)
        if record is not None:
            kind, between = _contradiction(fact, known, record, explained)
            if kind is not None:
                found.append(Conflict(fact.id, fact.label, kind, between, _affected(fact.id, kind, explained)))
    for result in explained.weighed.values():
        if result.conflict:
            labels = tuple(w.candidate.label for w in result.candidates if w.candidate.id in result.conflict)
            decisive = tuple(
                f"{argument.id}: {argument.says}"
                for weighed in result.candidates
                if weighed.candidate.id in result.conflict
                for argument in (*weighed.supporting, *weighed.opposing)
                if argument.confirms or argument.excludes
            )
            affected = _affected(f"{result.weighing.id}.confirmed", "arguments", explained)
            found.append(Conflict(result.weighing.id, " / ".join(labels), "arguments", decisive, affected))
    return tuple(found)


def _contradiction(
    fact: Fact, known: Known, record: Record, explained: Explained
) -> tuple[str | None, tuple[str, ...]]:
    if known.conflict is not None:
        recorded, computed = known.conflict
        return "record-and-computation", (
            f"recorded: {set_in_words(recorded, fact.type)}",
            f"computed: {set_in_words(computed, fact.type)}",
        )
    if known.against_only_if and fact.only_if is not None:
        needed = condition_in_words(fact.only_if, explained.plan.guideline.facts)
        return "not-applicable", (f"recorded: {set_in_words(record.values, fact.type)}", f"applies only if {needed}")
    if len(record.entries) > 1 and not is_settled(Known(record.values, True)):
        return "sources", tuple(
            f"{entry.written} ({entry.source})" if entry.source else entry.written for entry in record.entries
        )
    return None, ()


def _affected(fact: str, kind: str, explained: Explained) -> tuple[str, ...]:
    """The rules for which a contradiction matters.

    Where sources differ, every value that they give is weighed, so only what stays open because of it is affected. Any
    other contradiction is not resolved by the engine: it affects every rule whose status rests on the fact, directly or
    through what follows from it.
    """
    touched = _following_from(fact, explained)
    found: list[str] = []
    for id, rule in explained.rules.items():
        needed = {
            *rule.needs,
            *(n for a in rule.assuming for n in a.needs),
            *(n for p in rule.provided for n in p.needs),
        }
        if kind != "sources":
            needed |= rule.facts.keys() | {failed.fact for failed in rule.failed}
        if (rule.status == "open" and touched & _tested(id, explained)) or touched & needed:
            found.append(id)
    return tuple(found)


def _tested(rule: str, explained: Explained) -> frozenset[str]:
    """The facts that an open rule tests."""
    guideline = explained.plan.guideline
    return frozenset(facts_of(guideline.rules[rule].when)) if rule in guideline.rules else frozenset()


def _following_from(fact: str, explained: Explained) -> frozenset[str]:
    """A fact and everything that is worked out from it, where the record does not say otherwise."""
    touched = {fact}
    for other in explained.plan.program.facts:
        if touched & set(explained.plan.program.inputs[other.id]):
            touched.add(other.id)
    return frozenset(touched)
