"""Which rule replaces which: `overrides`, and the prohibitions that `stops` means."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise

from guidewright.rules.diagnostics import Place, error, suggest
from guidewright.rules.graphs import circles, topological
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


@dataclass(frozen=True, slots=True)
class Stopped:
    """An action as a node of the graph of what replaces what: it stands for every rule that stops it."""

    action: str


@dataclass(frozen=True, slots=True, eq=False)
class ReplacedBy(Mapping[str, tuple[str, ...]]):
    """For each rule the rules that replace it where they fire.

    Held without a pair for every rule that stops an action and every rule that acts on it: `direct` names rules,
    `through` the actions of which every rule in `stopping` replaces it. Where an exception is made, for `despite` or
    for the rule itself, the others are in `direct`.
    """

    direct: Mapping[str, tuple[str, ...]]
    through: Mapping[str, tuple[str, ...]]
    stopping: Mapping[str, tuple[str, ...]]

    def __getitem__(self, id: str) -> tuple[str, ...]:
        direct, through = self.direct[id], self.through[id]
        if not direct and len(through) == 1:
            return self.stopping[through[0]]
        return tuple(dict.fromkeys((*direct, *(other for action in through for other in self.stopping[action]))))

    def __iter__(self) -> Iterator[str]:
        return iter(self.direct)

    def __len__(self) -> int:
        return len(self.direct)

    def graph(self) -> dict[str | Stopped, tuple[str | Stopped, ...]]:
        """What each rule, and each stopped action, waits for."""
        graph: dict[str | Stopped, tuple[str | Stopped, ...]] = {}
        for id, direct in self.direct.items():
            graph[id] = (*direct, *(Stopped(action) for action in self.through[id]))
        return graph | {Stopped(action): others for action, others in self.stopping.items()}


def replaced_by(rules: Mapping[str, Rule], actions: Mapping[str, Action]) -> ReplacedBy:
    """For each rule the rules that replace it where they fire: those that override it, and those that stop what it
    would do.

    A prohibition prevails over every `do` and `consider` that acts on what it stops, or on a part of it, unless
    that one says `despite`.
    """
    stopping: dict[str, list[str]] = {}
    for rule in rules.values():
        for action in dict.fromkeys(rule.stops):
            stopping.setdefault(action, []).append(rule.id)
    stoppers = {action: tuple(others) for action, others in stopping.items()}
    direct: dict[str, dict[str, None]] = {id: {} for id in rules}
    through: dict[str, dict[str, None]] = {id: {} for id in rules}
    for rule in rules.values():
        for target in rule.overrides:
            if target in direct:
                direct[target][rule.id] = None
    for rule in rules.values():
        if rule.kind not in ("do", "consider"):
            continue
        for action in dict.fromkeys(action for acted in rule.acts for action in whole_of(acted, actions)):
            excepted = {other for other in (rule.id, *rule.despite) if other in rules and action in rules[other].stops}
            if excepted:
                direct[rule.id] |= {other: None for other in stoppers[action] if other not in excepted}
            elif action in stoppers:
                through[rule.id][action] = None
    return ReplacedBy({id: tuple(direct[id]) for id in rules}, {id: tuple(through[id]) for id in rules}, stoppers)


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
    graph = {node: tuple(other for other in others if other != node) for node, others in by.graph().items()}
    for found in circles(graph):
        rules = [node for node in found if isinstance(node, str)]
        circle = rules if isinstance(found[0], str) else [*rules, rules[0]]
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


def overriders_first(by: ReplacedBy) -> tuple[str, ...]:
    """Every rule after those that may replace it. The guideline is checked: there is no circle."""
    return tuple(node for node in topological(by.graph()) if isinstance(node, str))
