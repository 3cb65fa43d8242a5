"""Faults of the ways through the pages: answers that are true together, that leave a patient out, or that are never
taken; and rules that do not fire where they are drawn, or fire elsewhere.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import partial
from itertools import combinations

from guidewright.engine.checking.claims import (
    Example,
    Fault,
    Faults,
    Look,
    Proofs,
    both,
    fires,
    has_values,
    is_meant,
    is_possible,
    listed,
    where,
)
from guidewright.engine.outcome import Outcome
from guidewright.engine.paths import Path, path_through
from guidewright.engine.proofs.encoded_facts import Kleene
from guidewright.rules.conditions import facts_of
from guidewright.rules.display import quoted
from guidewright.rules.model import Stage, Step


def pathway_faults(proofs: Proofs, silent: Collection[str]) -> list[Look]:
    """`silent` are rules that never fire at all."""
    looks: list[Look] = []
    for stage in proofs.guideline.stages:
        unreached: set[str] = set()
        by_box = sorted(stage.steps, key=lambda step: step.box)
        looks += (partial(_whether_reached, step, stage, unreached, proofs) for step in by_box)
        looks += (partial(_of_step, step, stage, unreached, silent, proofs) for step in stage.steps)
    return looks


def _whether_reached(step: Step, stage: Stage, unreached: set[str], proofs: Proofs) -> Faults:
    """Nothing is said of a box that nobody comes to: the answer is, by which they would."""
    if is_possible(comes_to(step, stage, proofs), proofs) is False:
        unreached.add(step.id)
    yield from ()


def _of_step(step: Step, stage: Stage, unreached: Collection[str], silent: Collection[str], proofs: Proofs) -> Faults:
    if step.id in unreached:
        return
    if step.answers:
        yield from _of_decision(step, stage, unreached, proofs)
    for rule in step.rules:
        if rule not in silent:
            yield from _of_place(rule, step, stage, proofs)


def comes_to(step: Step, stage: Stage, proofs: Proofs) -> Example:
    """Patients whose way comes to a box."""

    def holds(outcome: Outcome) -> bool:
        return any(taken.step.id == step.id for taken in _way(stage, outcome).steps)

    return both(is_meant(proofs), Example((proofs.prover.encoding.passes[f"{stage.id}/{step.id}"],), holds))


def _way(stage: Stage, outcome: Outcome) -> Path:
    path = path_through(stage, outcome.answers)
    assert path is not None  # it has a step
    return path


# --- decisions


def _of_decision(step: Step, stage: Stage, unreached: Collection[str], proofs: Proofs) -> Faults:
    key = f"{stage.id}/{step.id}"
    truths = proofs.prover.encoding.answers[key]
    here = where(("", step.place))
    coming = comes_to(step, stage, proofs)
    decision = f"the decision `{key}`"
    tested = [i for i, answer in enumerate(step.answers) if answer.last is None]
    for one, other in combinations(tested, 2):
        example = both(coming, _are_true(key, (one, other), truths))
        possible = is_possible(example, proofs)
        if possible is not False:
            pair = f"{_said(step, one)} and {_said(step, other)}"
            yield Fault(
                "GW715",
                f"at {decision} the answers {pair} are true together, so the way stops"
                if possible
                else f"whether at {decision} the answers {pair} are ever true together",
                (key,),
                here,
                "answers exclude each other: narrow one of the two",
                example=example,
                undecided=possible is None,
            )
    if step.answers[-1].last is None:
        none = Example(
            tuple(truth.no for truth in truths), lambda outcome: all(truth is False for truth in outcome.answers[key])
        )
        asked = {fact for answer in step.answers for fact in facts_of(answer.when)}
        example = both(coming, none, has_values(asked, proofs.prover))
        possible = is_possible(example, proofs)
        if possible is not False:
            yield Fault(
                "GW716",
                f"{decision} leaves a patient out: no answer is true"
                if possible
                else f"whether {decision} leaves a patient out",
                (key,),
                here,
                "end the answers with `otherwise: true`, or widen one of them",
                example=example,
                undecided=possible is None,
            )
    for position in range(len(step.answers)):
        yield from _never_taken(step, stage, position, unreached, proofs)


def takes_answer(step: Step, stage: Stage, position: int, proofs: Proofs) -> Example:
    """Patients whose way comes to a decision and goes on by one of its answers, whoever the guideline is meant for."""
    key = f"{stage.id}/{step.id}"
    truths = proofs.prover.encoding.answers[key]
    answer = step.answers[position]
    true = [truth.yes for truth, other in zip(truths, step.answers, strict=True) if other.last != "assumed"]
    wanted = [-other for i, other in enumerate(true) if i != position]
    if answer.last != "assumed":
        wanted.append(true[position])

    def holds(outcome: Outcome) -> bool:
        return any(taken.step.id == step.id and taken.answer == position for taken in _way(stage, outcome).steps)

    return Example((proofs.prover.encoding.passes[key], *wanted), holds)


def _never_taken(step: Step, stage: Stage, position: int, unreached: Collection[str], proofs: Proofs) -> Faults:
    key = f"{stage.id}/{step.id}"
    answer = step.answers[position]
    possible = is_possible(both(is_meant(proofs), takes_answer(step, stage, position, proofs)), proofs)
    if possible:
        return
    says = f"the answer {_said(step, position)} at the decision `{key}`"
    here = where(("", step.place))
    if possible is None:
        yield Fault("GW717", f"whether {says} is ever taken", (key,), here, undecided=True)
        return
    lost = [other for other in stage.steps if other.id in _behind(answer.go, stage, unreached)]
    consequence = f", so nobody comes to {listed([other.id for other in lost])}" if lost else ""
    yield Fault(
        "GW717",
        f"{says} is never taken{consequence}",
        (key,),
        (*here, *where(*((f"nobody comes to `{other.id}`", other.place) for other in lost))),
        "see whether an earlier answer or decision leaves nobody for it",
    )


def _behind(start: str, stage: Stage, unreached: Collection[str]) -> set[str]:
    """The boxes that nobody comes to, from one of them on."""
    by_id = {step.id: step for step in stage.steps}
    found: set[str] = set()
    waiting = [start]
    while waiting:
        id = waiting.pop()
        if id in unreached and id not in found:
            found.add(id)
            step = by_id[id]
            waiting += [answer.go for answer in step.answers] + ([step.go] if step.go is not None else [])
    return found


def _are_true(key: str, positions: Sequence[int], truths: Sequence[Kleene]) -> Example:
    return Example(
        tuple(truths[i].yes for i in positions), lambda outcome: all(outcome.answers[key][i] is True for i in positions)
    )


def _said(step: Step, position: int) -> str:
    return quoted(step.answers[position].text)


# --- rules where they are drawn


def _of_place(rule: str, step: Step, stage: Stage, proofs: Proofs) -> Faults:
    key = f"{stage.id}/{step.id}"
    places = where((f"the rule `{rule}`", proofs.guideline.rules[rule].place), ("the box", step.place))
    firing = fires((rule,), proofs)
    possible = is_possible(both(firing, comes_to(step, stage, proofs)), proofs)
    if not possible:
        says = f"`{rule}` never fires for a patient whose way comes to `{key}`, where it is drawn"
        yield Fault(
            "GW425",
            says if possible is False else f"whether {says}",
            (rule, key),
            places,
            "draw it on a box that its patients come to, or beside the page",
            example=firing if possible is False else None,
            undecided=possible is None,
        )
        return
    plain = has_values(proofs.guideline.facts, proofs.prover)
    elsewhere = both(firing, _ends_without(step, stage, proofs), plain)
    possible = is_possible(elsewhere, proofs)
    if possible is not False:
        says = f"`{rule}` also fires for a patient whose way ends without `{key}`, where it is drawn"
        yield Fault(
            "GW426",
            says if possible else f"whether {says}",
            (rule, key),
            places,
            "nothing is wrong where it is meant for them too",
            severity="note",
            example=elsewhere,
            undecided=possible is None,
        )


def _ends_without(step: Step, stage: Stage, proofs: Proofs) -> Example:
    """Patients whose way comes to its end by other boxes."""
    passes = proofs.prover.encoding.passes
    ends = [passes[f"{stage.id}/{other.id}"] for other in stage.steps if not other.answers and other.go is None]

    def holds(outcome: Outcome) -> bool:
        way = _way(stage, outcome)
        return way.stopped_at is None and all(taken.step.id != step.id for taken in way.steps)

    wanted = (proofs.prover.encoding.nodes.any(ends), -passes[f"{stage.id}/{step.id}"])
    return both(is_meant(proofs), Example(wanted, holds))
