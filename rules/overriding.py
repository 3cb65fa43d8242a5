"""Which rule replaces which: `overrides`, and the prohibitions that `stops` means."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise

from guidewright.rules.diagnostics import Place, error, suggest
from guidewright.rules.model import Action, Rule
from guidewright.rules.shape import Problems

Named = tuple[tuple[str, Place], ...]


@dataclass(frozen=True, slots=True)
class ReadRule:
    """What could be read of a rule: its id, the rules that it names, and the whole where nothing is wrong with it.

    Others may name a rule with a fault all the same, so that a fault is reported once.
    """

    id: str
    place: Place
    stage: str
    overrides: Named
    despite: Named
    rule: Rule | None


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


def check_overriding(
    read: Mapping[str, ReadRule],
    complete: bool,
    rows: Collection[str],
    actions: Mapping[str, Action],
    problems: Problems,
) -> None:
    """Every rule that is named exists, and no rule replaces itself by a way round. `rows` are the ids of rows;
    `complete` says that there are no further rules, whose ids could not be read.
    """

    def check_named(named: str, place: Place, says: str) -> None:
        if named in rows:
            help = "it follows from other facts: correct its condition"
            problems.append(error("GW409", f"{says} `{named}`, which is a row and no rule", place, help))
        elif named not in read and complete:
            problems.append(error("GW409", f"{says} `{named}`, which is no rule", place, suggest(named, read)))

    for id, one in read.items():
        for target, place in one.overrides:
            if target == id:
                problems.append(error("GW411", f"the rule `{id}` overrides itself", place))
            else:
                check_named(target, place, f"the rule `{id}` overrides")
        for other, place in one.despite:
            check_named(other, place, f"the rule `{id}` stands despite")
            stopper = read[other].rule if other in read else None
            if stopper is not None and one.rule is not None and not _stops(stopper, one.rule, actions):
                message = f"the rule `{id}` stands despite `{other}`, which stops nothing that it does"
                help = f"leave it out; `{other}` stops " + (_listed(stopper.stops) or "nothing")
                problems.append(error("GW410", message, place, help))
    _check_circles(read, actions, problems)


def _check_circles(read: Mapping[str, ReadRule], actions: Mapping[str, Action], problems: Problems) -> None:
    by = replaced_by({id: one.rule for id, one in read.items() if one.rule is not None}, actions)
    for circle in _circles({id: tuple(other for other in others if other != id) for id, others in by.items()}):
        related: list[tuple[str, Place]] = []
        stopped = False
        for replaced, replacing in pairwise(circle):
            overriding = dict(read[replacing].overrides).get(replaced)
            stopped |= overriding is None
            how = "overrides" if overriding is not None else "stops what is done by"
            related.append((f"`{replacing}` {how} `{replaced}`", overriding or read[replacing].place))
        way = " ← ".join(f"`{id}`" for id in circle)
        help = "say `despite: [id]` at the rule that is to stand" if stopped else "leave out one of these `overrides`"
        message = f"rules replace each other in a circle: {way}"
        problems.append(error("GW411", message, related[0][1], help, tuple(related)))


def _listed(ids: Collection[str]) -> str:
    return ", ".join(f"`{id}`" for id in ids)


def _stops(stopper: Rule, rule: Rule, actions: Mapping[str, Action]) -> bool:
    return any(action in stopper.stops for acted in rule.acts for action in whole_of(acted, actions))


def _circles(by: Mapping[str, tuple[str, ...]]) -> Iterator[tuple[str, ...]]:
    """One circle for each step that leads back: once all of these are broken, there is none."""
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
                yield (*way[way.index(following) :], following)
            elif following not in done:
                stack.append(iter(by.get(following, ())))
                way.append(following)


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
