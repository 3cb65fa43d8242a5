"""The numbers of the boxes of a page: in the author's order, but every box after those that lead to it."""

from __future__ import annotations

import heapq
from dataclasses import replace

from guidewright.rules.model import Step


def numbered(steps: tuple[Step, ...]) -> tuple[Step, ...]:
    """The steps in the author's order, their boxes numbered anew from the lowest number on, in reading order.

    Steps that lead back, which is an error elsewhere, come last.
    """
    place = {step.id: i for i, step in enumerate(steps)}
    heads = [{place[to] for to in _leads_to(step) if to in place} for step in steps]
    waiting = [0] * len(steps)
    for following in heads:
        for head in following:
            waiting[head] += 1
    ready = [i for i, count in enumerate(waiting) if count == 0]
    order: list[int] = []
    while ready:
        at = heapq.heappop(ready)
        order.append(at)
        for head in heads[at]:
            waiting[head] -= 1
            if waiting[head] == 0:
                heapq.heappush(ready, head)
    order += [i for i, count in enumerate(waiting) if count > 0]
    first = min((step.box for step in steps), default=1)
    box = {at: first + number for number, at in enumerate(order)}
    return tuple(replace(step, box=box[i]) for i, step in enumerate(steps))


def _leads_to(step: Step) -> tuple[str, ...]:
    return (*((step.go,) if step.go is not None else ()), *(answer.go for answer in step.answers))
