"""Which boxes of a page stand under one another: the main way runs down the first lane, what branches off stands to
the right of it.

Boxes are numbers from 0 in reading order, and every arrow leads from a lower to a higher one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Arrow:
    """From a box to another; `label` is the answer. `positions` are the answers of the decision that it stands for."""

    tail: int
    head: int
    label: str = ""
    positions: tuple[int, ...] = ()


def following(arrows: Sequence[Arrow]) -> dict[int, list[int]]:
    """The heads of the arrows that leave each box, in the author's order."""
    found: dict[int, list[int]] = {}
    for arrow in arrows:
        found.setdefault(arrow.tail, []).append(arrow.head)
    return found


def clean_cuts(boxes: range, arrows: Sequence[Arrow]) -> list[int]:
    """The boxes before which a page may be cut: every arrow that crosses the cut leads to that very box."""
    found: list[int] = []
    for box in boxes[1:]:
        crossing = [arrow for arrow in arrows if arrow.tail < box <= arrow.head]
        if crossing and all(arrow.head == box for arrow in crossing):
            found.append(box)
    return found


@dataclass(frozen=True, slots=True)
class Manner:
    """How lanes are shared out. `spread`: ways that branch off at one decision stand beside one another, not below.
    `detour`: up to how many boxes a way is a detour, which stands beside the straight way that it comes back to.
    """

    spread: bool
    detour: int


MANNERS = tuple(Manner(spread, detour) for spread in (False, True) for detour in (0, 1, 2))


def lanes_of(boxes: range, arrows: Sequence[Arrow], manner: Manner) -> dict[int, int]:
    """The lane of each box of a column. Arrows that leave the column lead to `boxes.stop`, its end."""
    inside = [a for a in arrows if a.tail in boxes]
    after = following([Arrow(a.tail, min(a.head, boxes.stop)) for a in inside])
    chains = _chains(boxes, after, manner.detour)
    parents: dict[int, int] = {}
    for arrow in inside:
        parents.setdefault(arrow.head, arrow.tail)
    lane: dict[int, int] = {}
    taken: dict[int, list[tuple[int, int]]] = {}
    for chain in chains:
        begin = parents.get(chain[0], chain[0])
        least = lane[begin] + 1 if begin in lane else 0
        span = (begin + 1 if manner.spread and begin in lane else chain[0], chain[-1])
        while any(first <= span[1] and span[0] <= last for first, last in taken.get(least, [])):
            least += 1
        taken.setdefault(least, []).append(span)
        lane |= dict.fromkeys(chain, least)
    return lane


def _chains(boxes: range, after: Mapping[int, list[int]], detour: int) -> list[list[int]]:
    """The boxes as chains, each going on as the main way goes on; the first begins at the first box."""
    length = _lengths(boxes, after)
    meeting = _meetings(boxes, after)
    found: list[list[int]] = []
    placed: set[int] = set()
    for box in boxes:
        if box in placed:
            continue
        chain: list[int] = []
        at: int | None = box
        while at is not None and at in boxes and at not in placed:
            chain.append(at)
            placed.add(at)
            at = _main(after.get(at, []), length, meeting.get(at), detour)
        found.append(chain)
    return found


def _lengths(boxes: range, after: Mapping[int, list[int]]) -> dict[int, int]:
    """How many boxes lie on the longest way from each box on."""
    length: dict[int, int] = {boxes.stop: 0}
    for box in reversed(boxes):
        length[box] = 1 + max((length[head] for head in after.get(box, [])), default=0)
    return length


def _main(heads: list[int], length: Mapping[int, int], meeting: int | None, detour: int) -> int | None:
    """Where the main way goes on: straight to where the ways meet again if every detour is short, else the longest."""
    if not heads:
        return None
    if meeting in heads and max(length[head] - length[meeting] for head in heads) <= detour:
        return meeting
    # Of ways of one length the last is the author's "otherwise".
    return max(reversed(heads), key=lambda head: length[head])


def _meetings(boxes: range, after: Mapping[int, list[int]]) -> dict[int, int]:
    """For each box the first box that every way from it passes that does not end before."""
    found: dict[int, int] = {}
    on_the_way: dict[int, list[int]] = {boxes.stop: [boxes.stop]}
    for box in reversed(boxes):
        going_on = [on_the_way[head] for head in after.get(box, []) if on_the_way[head]]
        common = [at for at in going_on[0] if all(at in way for way in going_on[1:])] if going_on else []
        # What ends at a link or an end meets nothing, and does not count.
        on_the_way[box] = [box, *common] if common else []
        if common:
            found[box] = common[0]
    return found
