"""Checks across the files of a guideline, and which findings only follow from others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from guidewright.rules.claims import Invariant
from guidewright.rules.diagnostics import Diagnostic, Place, error, warning
from guidewright.rules.model import Fact, Guideline, Score, Table, Weighing
from guidewright.rules.overriding import ReadRule
from guidewright.rules.reading import Mapping as MappingNode
from guidewright.rules.reading import Node
from guidewright.rules.shape import Problems
from guidewright.rules.texts import parameters_named

_UNKNOWN_NAMES = frozenset({"GW201", "GW402", "GW407", "GW601", "GW602", "GW704", "GW901", "GW912"})
_SHOWN = 3


def rows_of(facts: Mapping[str, Fact]) -> dict[str, Place]:
    """The rows with an id, which stand among the rules of an answer. Two rows with one id are told by `check_ids`."""
    return dict(reversed(_rows(facts)))


def _rows(facts: Mapping[str, Fact]) -> list[tuple[str, Place]]:
    found: list[tuple[str, Place]] = []
    for fact in facts.values():
        match fact.derivation:
            case Table(rows, otherwise):
                every = rows if otherwise is None else (*rows, otherwise)
            case Score(rows):
                every = rows
            case _:
                every = ()
        found += [(row.id, row.place) for row in every if row.id is not None and row.place is not None]
    return found


def check_ids(
    rules: Mapping[str, ReadRule],
    weighings: Mapping[str, Weighing],
    facts: Mapping[str, Fact],
    invariants: Mapping[str, Invariant],
    problems: Problems,
) -> None:
    """Rules, rows, arguments and invariants share one space of names: an answer or a proof is asked about any of them
    by its id.
    """
    taken: dict[str, Place] = {}
    places = [(rule.id, rule.place) for rule in rules.values()] + _rows(facts)
    for weighing in weighings.values():
        for candidate in weighing.candidates:
            places += [(argument.id, argument.place) for argument in candidate.arguments if argument.place is not None]
    places += [(invariant.id, invariant.place) for invariant in invariants.values() if invariant.place is not None]
    for id, place in places:
        if id in taken:
            related = (("the other one", taken[id]),)
            help = "rules, rows, arguments and invariants share one space of ids"
            problems.append(error("GW413", f"the id `{id}` stands twice", place, help, related))
        taken.setdefault(id, place)


def ids_of(guideline: Guideline) -> frozenset[str]:
    """Everything that a finding may be about: ids, and steps as `stage/step`."""
    steps = {f"{stage.id}/{step.id}" for stage in guideline.stages for step in stage.steps}
    arguments = {
        argument.id
        for weighing in guideline.weighings.values()
        for candidate in weighing.candidates
        for argument in candidate.arguments
    }
    return frozenset(
        {*guideline.rules, *rows_of(guideline.facts), *guideline.facts, *guideline.weighings, *arguments}
        | {*guideline.parameters, *guideline.actions, *guideline.invariants}
        | {*(stage.id for stage in guideline.stages), *steps}
    )


def check_used(guideline: Guideline, nodes: Mapping[str, Node], problems: Problems) -> None:
    """Warns of parameters and actions that nothing uses, and of weighings that no page shows."""
    named = frozenset[str]().union(*(parameters_named(node) for node in nodes.values()))
    for parameter in guideline.parameters.values():
        if parameter.id not in named and parameter.place is not None:
            help = f"write `{{{parameter.id}}}` where its value stands, or leave it out"
            problems.append(warning("GW913", f"nothing uses the parameter `{parameter.id}`", parameter.place, help))
    used = {action for rule in guideline.rules.values() for action in (*rule.acts, *rule.stops)}
    used |= {action.part_of for action in guideline.actions.values() if action.part_of is not None}
    for id, place in _keys(nodes, "guideline.yaml", "actions"):
        if id not in used:
            help = "name it under `acts:` or `stops:` of a rule, or leave it out"
            problems.append(warning("GW414", f"no rule does or stops the action `{id}`", place, help))
    drawn = {step.weigh for stage in guideline.stages for step in stage.steps}
    for weighing in guideline.weighings.values():
        if weighing.id not in drawn and weighing.place is not None:
            help = f"draw it on a step: `{{weigh: {weighing.id}, go: …}}`"
            problems.append(warning("GW713", f"no page shows the weighing `{weighing.id}`", weighing.place, help))


def _keys(nodes: Mapping[str, Node], file: str, section: str) -> list[tuple[str, Place]]:
    tops = [node for path, node in nodes.items() if path.replace("\\", "/").rpartition("/")[2] == file]
    found = [top.get(section) for top in tops if isinstance(top, MappingNode)]
    return [(key.text, key.place) for node in found if isinstance(node, MappingNode) for key, _ in node.entries]


def without_consequences(problems: Sequence[Diagnostic]) -> list[Diagnostic]:
    """The findings without those that say of a misread text what it then is not, and with one finding for a name that
    is unknown in many places.
    """
    slips: dict[tuple[str, int], list[Place]] = {}
    for d in problems:
        if d.code < "GW1" and d.place.line == d.place.end_line:
            slips.setdefault((d.place.file, d.place.line), []).append(d.place)
    kept = [d for d in problems if d.code < "GW1" or not any(_meet(d.place, p) for p in slips.get(_line(d), ()))]
    groups: dict[tuple[str, ...], list[Diagnostic]] = {}
    for d in dict.fromkeys(kept):
        if d.code in _UNKNOWN_NAMES:
            groups.setdefault(_name(d), []).append(d)
    many = {name: sorted(group, key=lambda d: d.place) for name, group in groups.items() if len(group) > _SHOWN}
    out = [d for d in kept if _name(d) not in many]
    for group in many.values():
        first, others = group[0], group[1:]
        related = tuple(("here too", d.place) for d in others[: _SHOWN - 1])
        message = f"{first.message}, here and in {len(others)} other places"
        out.append(replace(first, message=message, related=(*first.related, *related)))
    return out


def _name(d: Diagnostic) -> tuple[str, ...]:
    return d.code, d.message, d.help or ""


def _line(d: Diagnostic) -> tuple[str, int]:
    return d.place.file, d.place.line


def _meet(place: Place, slip: Place) -> bool:
    """Whether a place on the line of a slip overlaps it."""
    end = place.end_column if place.end_line == place.line else place.column + 1
    return place.column <= slip.end_column and slip.column <= end
