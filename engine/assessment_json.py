"""The answer as one JSON object, with the field names of the specification."""

from __future__ import annotations

from typing import Any

from guidewright.engine.assessment import (
    NOTICE,
    SCHEMA,
    ArgumentAnswer,
    Assessment,
    Assumption,
    CandidateAnswer,
    Conflict,
    DerivedAnswer,
    FactAnswer,
    PathAnswer,
    Question,
    RuleAnswer,
    WeighingAnswer,
)


def assessment_json(a: Assessment) -> dict[str, Any]:
    return {
        "schema": SCHEMA,
        "notice": NOTICE,
        "guideline": {
            "id": a.guideline,
            "title": a.title,
            "version": a.version,
            "status": a.status,
            "digest": a.digest,
            # null is open: a program that asks `if applies` must not take "not known" for yes.
            "applies": a.applies,
            "parameters": dict(a.parameters),
        },
        "patient": a.patient,
        "as_of": a.as_of.isoformat(),
        "engine": a.engine,
        "facts": {id: _fact(fact) for id, fact in a.facts.items()},
        "derived": {id: _derived(fact) for id, fact in a.derived.items()},
        "rules": {id: _rule(rule) for id, rule in a.rules.items()},
        "weighing": {id: _weighing(weighing) for id, weighing in a.weighing.items()},
        "paths": {id: _path(path) for id, path in a.paths.items()},
        "ask": [_question(question) for question in a.ask],
        "ask_method": "exact" if a.ask_is_exact else "partly exact",
        "conflicts": [_conflict(conflict) for conflict in a.conflicts],
    }


def _fact(fact: FactAnswer) -> dict[str, Any]:
    recorded = [
        {k: v for k, v in (("value", r.value), ("source", r.source), ("on", r.on), ("note", r.note)) if v is not None}
        for r in fact.recorded
    ]
    found: dict[str, Any] = {"label": fact.label, "may_be": list(fact.may_be), "recorded": recorded}
    return found if fact.problem is None else {**found, "problem": fact.problem}


def _derived(fact: DerivedAnswer) -> dict[str, Any]:
    found: dict[str, Any] = {"label": fact.label, "may_be": list(fact.may_be)}
    if fact.value is not None:
        found["value"] = fact.value
    found["by"] = fact.by
    return found if fact.problem is None else {**found, "problem": fact.problem}


def _assumption(assumption: Assumption) -> dict[str, Any]:
    return {"unless": assumption.unless, "needs": list(assumption.needs)}


def _rule(rule: RuleAnswer) -> dict[str, Any]:
    return {
        "status": rule.status,
        "kind": rule.kind,
        "stage": rule.stage,
        "box": rule.box,
        "text": rule.text,
        "strength": rule.strength,
        "certainty": rule.certainty,
        "facts": dict(rule.facts),
        "assuming": [_assumption(assumption) for assumption in rule.assuming],
        "provided": [{"not": proviso.rule, "needs": list(proviso.needs)} for proviso in rule.provided],
        "needs": list(rule.needs),
        "failed": [{"fact": f.fact, "test": f.test, "found": f.found} for f in rule.failed],
        "overridden_by": list(rule.overridden_by),
        "because": list(rule.because),
        "although": list(rule.although),
        "disputed": rule.disputed,
        "expert": rule.expert,
        "signoff": rule.signoff,
        "except": rule.except_,
        "note": rule.note,
        "asks": list(rule.asks),
        "due": [{"earliest": due.earliest.isoformat(), "latest": due.latest.isoformat()} for due in rule.due],
    }


def _weighing(weighing: WeighingAnswer) -> dict[str, Any]:
    return {
        "question": weighing.question,
        "leading": list(weighing.leading),
        "possible": list(weighing.possible),
        "excluded": list(weighing.excluded),
        "confirmed": weighing.confirmed,
        "candidates": {candidate.id: _candidate(candidate) for candidate in weighing.candidates},
    }


def _candidate(candidate: CandidateAnswer) -> dict[str, Any]:
    return {
        "label": candidate.label,
        "net": _number(candidate.net),
        "low": _number(candidate.low),
        "high": _number(candidate.high),
        "for": [_argument(argument) for argument in candidate.supporting],
        "against": [_argument(argument) for argument in candidate.opposing],
        "open": [_argument(argument) for argument in candidate.open],
    }


def _number(text: str) -> int | float:
    return float(text) if "." in text else int(text)


def _argument(argument: ArgumentAnswer) -> dict[str, Any]:
    found: dict[str, Any] = {"id": argument.id, "says": argument.says, "weight": _number(argument.weight)}
    if argument.decisive is not None:
        found[argument.decisive] = True
    return {**found, "needs": list(argument.needs)} if argument.needs else found


def _path(path: PathAnswer) -> dict[str, Any]:
    steps = []
    for step in path.steps:
        shown: dict[str, Any] = {"step": step.step, "box": step.box}
        if step.answer is not None:
            shown["answer"] = step.answer
        if step.assuming:
            shown["assuming"] = [_assumption(assumption) for assumption in step.assuming]
        steps.append(shown)
    found: dict[str, Any] = {"steps": steps, "stopped_at": path.stopped_at, "needs": list(path.needs)}
    return {**found, "several": list(path.several)} if path.several else found


def _question(question: Question) -> dict[str, Any]:
    return {
        "fact": question.fact,
        "label": question.label,
        "question": question.question,
        "reason": question.reason,
        "settles": list(question.settles),
        "exact": question.exact,
    }


def _conflict(conflict: Conflict) -> dict[str, Any]:
    key = "weighing" if conflict.kind == "arguments" else "fact"
    return {
        key: conflict.about,
        "kind": conflict.kind,
        "between": list(conflict.between),
        "affects": list(conflict.affects),
    }
