"""The way of one patient through the flowchart of each stage."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from guidewright.engine.three_valued import Truth
from guidewright.rules.model import Stage, Step


@dataclass(frozen=True, slots=True)
class Taken:
    """A box on the way. At a decision `answer` is the position of the answer taken; `assuming` are other
    answers that are not known to be false.
    """

    step: Step
    answer: int | None = None
    assuming: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Path:
    """Where a way stops short of an end or a link, `stopped_at` is the decision, and `open` are its answers that
    may still be true.

    `several` are the answers that are true at once where more than one is: a fault of the guideline, at which
    nobody is sent anywhere.
    """

    stage: Stage
    steps: tuple[Taken, ...]
    stopped_at: Step | None = None
    open: tuple[int, ...] = ()
    several: tuple[int, ...] = ()


def path_through(stage: Stage, answers: Mapping[str, tuple[Truth, ...]]) -> Path | None:
    """From the start along the true, otherwise or assumed answers to an end, a link, or a decision that cannot be
    made yet.
    """
    if not stage.steps:
        return None
    by_id = {step.id: step for step in stage.steps}
    taken: list[Taken] = []
    step: Step | None = stage.steps[0]
    while step is not None:
        if step.kind != "decision":
            taken.append(Taken(step))
            step = by_id[step.go] if step.go is not None else None
            continue
        truths = answers[f"{stage.id}/{step.id}"]
        true = tuple(i for i, truth in enumerate(truths) if truth is True and step.answers[i].last != "assumed")
        undecided = tuple(i for i, truth in enumerate(truths) if truth is None)
        if len(true) > 1:
            return Path(stage, (*taken, Taken(step)), step, (), true)
        if true:
            taken.append(Taken(step, true[0], undecided))
            step = by_id[step.answers[true[0]].go]
        elif step.answers[-1].last == "assumed":
            taken.append(Taken(step, len(truths) - 1, undecided))
            step = by_id[step.answers[-1].go]
        else:
            return Path(stage, (*taken, Taken(step)), step, undecided)
    return Path(stage, tuple(taken))
