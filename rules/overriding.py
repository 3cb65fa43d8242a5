"""Which rule replaces which: `overrides`, and the prohibitions that `stops` means."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise

from guidewright.rules.diagnostics import Place, error, suggest
from guidewright.rules.model import Action, Rule
from guidewright.rules.shape import Problems


def whole_of(action: str, actions: Mapping[str, Action]) -> tuple[str, ...]:
    """An action and everything that it is part of."""
    found: list[str] = []
    current: str | None = action
    while current is not None and current not in found:
        found.append(current)
        current = actions[current].part_of if current in actions else None
    return tuple(found)


def replaced_by(rules: Mapping[str, Rule], actions: Mapping[str, Action]) -> dict[str, tuple[str, ...]]:
    """For each rule the rules that replace it where they fire: those that override it, and those that stop what it
    would do.

    A prohibition prevails over every `do` and `consider` that acts on what it stops, or on a part of it, unless
    that one says `despite`.
    """
    stopping: dict[str, list[str]] = {}
    for rule in rules.values():
        for action in rule.stops:
            stopping.setdefault(action, []).append(rule.id)
    found: dict[str, dict[str, None]] = {id: {} for id in rules}
    for rule in rules.values():
        for target in rule.overrides:
            if target in found:
                found[target][rule.id] = None
    for rule in rules.values():
        if rule.kind not in ("do", "consider"):
            continue
        for acted in rule.acts:
            for action in whole_of(acted, actions):
                for stopper in stopping.get(action, ()):
                    if stopper != rule.id and stopper not in rule.despite:
                        found[rule.id][stopper] = None
    return {id: tuple(found[id]) for id in rules}


def check_overriding(rules: Mapping[str, Rule], actions: Mapping[str, Action], problems: Problems) -> None:
    """Every rule that is named exists, and no rule replaces itself by a way round."""
    for rule in rules.values():
        place = rule.place or Place.of_file(rule.stage)
        for target in rule.overrides:
            if target == rule.id:
                problems.append(error("GW409", f"the rule `{rule.id}` overrides itself", place))
            elif target not in rules:
                problems.append(
                    error(
                        "GW409",
                        f"the rule `{rule.id}` overrides `{target}`, which is no rule",
                        place,
                        suggest(target, rules),
                    )
                )
        for other in rule.despite:
            if other not in rules:
                problems.append(
                    error(
                        "GW409",
                        f"the rule `{rule.id}` stands despite `{other}`, which is no rule",
                        place,
                        suggest(other, rules),
                    )
                )
            elif not _stops(rules[other], rule, actions):
                problems.append(
                    error(
                        "GW410",
                        f"the rule `{rule.id}` stands despite `{other}`, which stops nothing that it does",
                        place,
                    )
                )
    by = replaced_by(rules, actions)
    circle = _circle(by)
    if circle is not None:
        place = rules[circle[0]].place or Place.of_file("rules")
        related = tuple((f"`{b}` replaces `{a}`", p) for a, b in pairwise(circle) if (p := rules[b].place) is not None)
        way = " ← ".join(f"`{id}`" for id in circle)
        problems.append(
            error(
                "GW411",
                f"rules replace each other in a circle: {way}",
                place,
                "`stops` counts too: say `despite: [id]` at the rule that is to stand",
                related,
            )
        )


def _stops(stopper: Rule, rule: Rule, actions: Mapping[str, Action]) -> bool:
    return any(action in stopper.stops for acted in rule.acts for action in whole_of(acted, actions))


def _circle(by: Mapping[str, tuple[str, ...]]) -> tuple[str, ...] | None:
    done: set[str] = set()
    for start in by:
        if start in done:
            continue
        stack, way = [iter(by[start])], [start]
        while stack:
            following = next(stack[-1], None)
            if following is None:
                stack.pop()
                done.add(way.pop())
            elif following in way:
                return (*way[way.index(following) :], following)
            elif following not in done:
                stack.append(iter(by.get(following, ())))
                way.append(following)
    return None


def overriders_first(by: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    """Every rule after those that may replace it. The guideline is checked: there is no circle."""
    order: dict[str, None] = {}
    for start in by:
        stack = [start]
        while stack:
            name = stack[-1]
            if name in order:
                stack.pop()
                continue
            waiting = [other for other in by[name] if other not in order]
            if waiting:
                stack.extend(waiting)
            else:
                order[name] = None
                stack.pop()
    return tuple(order)
