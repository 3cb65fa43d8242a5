"""Graphs of what waits for what, by name: their order, and their circles. No recursion: a chain may be long."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from typing import TypeVar

_Node = TypeVar("_Node", bound=Hashable)


def topological(by: Mapping[_Node, tuple[_Node, ...]]) -> tuple[_Node, ...]:
    """Every node after those that it waits for (`by`). There must be no circle; a node that is no key waits for none
    and is left out.
    """
    order: dict[_Node, None] = {}
    for start in by:
        stack = [start]
        while stack:
            node = stack[-1]
            if node in order:
                stack.pop()
                continue
            waiting = [other for other in by[node] if other in by and other not in order]
            if waiting:
                stack.extend(waiting)
            else:
                order[node] = None
                stack.pop()
    return tuple(order)


def circles(by: Mapping[_Node, tuple[_Node, ...]]) -> Iterator[tuple[_Node, ...]]:
    """One circle for each step that leads back, as its nodes, the first one again at the end: once all of these steps
    are gone, there is no circle.
    """
    done: set[_Node] = set()
    for start in by:
        if start in done:
            continue
        # The way to the node in hand, with the position of each node on it.
        stack, way = [iter(by[start])], {start: 0}
        while stack:
            following = next(stack[-1], None)
            if following is None:
                stack.pop()
                done.add(way.popitem()[0])
            elif following in way:
                yield (*list(way)[way[following] :], following)
            elif following not in done:
                stack.append(iter(by.get(following, ())))
                way[following] = len(way)
