"""The graph of what a fact can influence: from facts to derived facts, rules, arguments and decisions, and from rules
to those that they replace. docs/graphs.md documents the attributes, which are a public interface.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from guidewright.engine.program import rows_of
from guidewright.rules.conditions import Condition, facts_of
from guidewright.rules.formulas import facts_in
from guidewright.rules.model import (
    Argument,
    BooleanType,
    ChoicesType,
    ChoiceType,
    DateType,
    Fact,
    FactType,
    Formula,
    Guideline,
    Holds,
    IntegerType,
    QuantityType,
    Row,
    Rule,
    Table,
    TextType,
)
from guidewright.rules.overriding import replaced_by
from guidewright.visualize.decisions import about, step_id
from guidewright.visualize.given import Loaded, checked
from guidewright.visualize.named_facts import confirmed_by, named_facts
from guidewright.visualize.rule_words import rule_words

if TYPE_CHECKING:
    from networkx import DiGraph

Edge = tuple[str, str, str]
"""From, to, and the role."""


def facts_graph(guideline: Guideline | Loaded) -> DiGraph:
    """What feeds what, as a `networkx.DiGraph` without circles: `networkx.descendants(graph, "lesion.size")` is all
    that the fact can influence.

    Facts have their own ids. All else has its kind before the id, `rule:C-01`, because a rule and a fact may have the
    same one. Raises `TypeError` for anything but a loaded guideline.
    """
    import networkx

    given = checked(guideline)
    graph = networkx.DiGraph(**about(given, "facts"))
    graph.add_nodes_from(_nodes(given))
    for tail, head, role in _edges(given):
        before: tuple[str, ...] = graph.edges[tail, head]["roles"] if graph.has_edge(tail, head) else ()
        if role not in before:
            graph.add_edge(tail, head, roles=(*before, role))
    return graph


# --- nodes


def _nodes(guideline: Guideline) -> Iterator[tuple[str, dict[str, Any]]]:
    if facts_of(guideline.applies):
        yield _of_guideline(guideline), {"kind": "guideline", "name": guideline.id, "text": guideline.title}
    for fact in guideline.facts.values():
        kind = "recorded" if fact.derivation is None else "derived"
        yield fact.id, {"kind": kind, "name": fact.id, "text": fact.label, **_type(fact)}
    named = named_facts(guideline)
    for weighing in guideline.weighings.values():
        fact = named[confirmed_by(weighing.id)]
        yield fact.id, {"kind": "confirmed", "name": fact.id, "text": fact.label, "type": _type_name(fact.type)}
    for fact in guideline.facts.values():
        for row in rows_of(fact):
            if row.id is not None:
                yield _of_row(row), {"kind": "row", "name": row.id, "text": row.text or fact.label, "fact": fact.id}
    for weighing in guideline.weighings.values():
        yield _of_weighing(weighing.id), {"kind": "weighing", "name": weighing.id, "text": weighing.question}
        for candidate in weighing.candidates:
            for argument in candidate.arguments:
                attributes = {"weighing": weighing.id, "candidate": candidate.id}
                yield _of(argument), {"kind": "argument", "name": argument.id, "text": argument.says, **attributes}
    boxes = {id: step.box for stage in guideline.stages for step in stage.steps for id in step.rules}
    for rule in guideline.rules.values():
        yield _of(rule), {"kind": "rule", "name": rule.id, **_rule(rule, guideline, boxes)}
    for stage in guideline.stages:
        for step in stage.steps:
            if step.answers:
                id = step_id(stage, step)
                yield _of_decision(id), {"kind": "decision", "name": id, "text": step.text, "box": step.box}


def _type(fact: Fact) -> dict[str, str]:
    found = {"type": _type_name(fact.type)}
    if isinstance(fact.type, QuantityType):
        found["unit"] = fact.type.unit.text
    if fact.derivation is not None:
        found["by"] = type(fact.derivation).__name__.lower()
    return found


def _type_name(kind: FactType) -> str:
    match kind:
        case BooleanType():
            return "boolean"
        case IntegerType():
            return "integer"
        case QuantityType():
            return "quantity"
        case ChoiceType():
            return "choice"
        case ChoicesType():
            return "choices"
        case DateType():
            return "date"
        case TextType():
            return "text"


def _rule(rule: Rule, guideline: Guideline, boxes: dict[str, int]) -> dict[str, Any]:
    found: dict[str, Any] = {
        "text": rule.text,
        "short": rule_words(rule),
        "does": rule.kind,
        "stage": rule.stage,
        "strength": rule.evidence.strength or "",
        "certainty": rule.evidence.certainty or "",
        "signoff": rule.signoff,
    }
    return found | ({"box": boxes[rule.id]} if rule.id in boxes else {})


# --- edges


def _edges(guideline: Guideline) -> Iterator[Edge]:
    for fact in guideline.facts.values():
        yield from _into_fact(fact)
    for weighing in guideline.weighings.values():
        for candidate in weighing.candidates:
            for argument in candidate.arguments:
                yield from _conditions(argument, argument.when, argument.unless)
                yield _of(argument), _of_weighing(weighing.id), _direction(argument)
                if argument.confirms or argument.excludes:
                    yield _of(argument), confirmed_by(weighing.id), _direction(argument)
    for rule in guideline.rules.values():
        yield from _conditions(rule, rule.when, rule.unless)
        if rule.timing is not None and rule.timing.start is not None:
            yield rule.timing.start, _of(rule), "timing"
    for id, others in replaced_by(guideline.rules, guideline.actions).items():
        for other in others:
            replacing = guideline.rules[other]
            yield _of(replacing), _of(guideline.rules[id]), "overrides" if id in replacing.overrides else "stops"
    for stage in guideline.stages:
        for step in stage.steps:
            conditions = [answer.when for answer in step.answers]
            yield from _from_facts(conditions, _of_decision(step_id(stage, step)), "answer")
    yield from _applies(guideline)


def _into_fact(fact: Fact) -> Iterator[Edge]:
    if fact.only_if is not None:
        yield from _from_facts([fact.only_if], fact.id, "only_if")
    match fact.derivation:
        case Formula(expression):
            yield from ((id, fact.id, "formula") for id in facts_in(expression))
        case Holds(condition):
            yield from _from_facts([condition], fact.id, "holds")
        case _:
            yield from _into_rows(fact)


def _into_rows(fact: Fact) -> Iterator[Edge]:
    """A row leads nowhere: what it rests on leads to the fact itself, and whether the guideline applies decides over
    the status of the row, but not over the fact.
    """
    earlier: list[Condition] = []
    for row in rows_of(fact):
        yield from _from_facts([row.when], fact.id, "row")
        formula = facts_in(row.formula) if row.formula is not None else ()
        yield from ((id, fact.id, "row") for id in formula)
        if row.id is not None:
            yield from _from_facts([row.when], _of_row(row), "when")
            yield from ((id, _of_row(row), "formula") for id in formula)
            if isinstance(fact.derivation, Table):
                yield from _from_facts(earlier, _of_row(row), "earlier")
        earlier.append(row.when)


def _conditions(of: Rule | Argument, when: Condition, unless: Condition | None) -> Iterator[Edge]:
    yield from _from_facts([when], _of(of), "when")
    if unless is not None:
        yield from _from_facts([unless], _of(of), "unless")


def _applies(guideline: Guideline) -> Iterator[Edge]:
    if not facts_of(guideline.applies):
        return
    whole = _of_guideline(guideline)
    yield from _from_facts([guideline.applies], whole, "applies")
    decisions = (step_id(stage, step) for stage in guideline.stages for step in stage.steps if step.answers)
    ids = [
        *(_of_row(row) for fact in guideline.facts.values() for row in rows_of(fact) if row.id is not None),
        *(_of_weighing(id) for id in guideline.weighings),
        *(_of(rule) for rule in guideline.rules.values()),
        *(_of_decision(id) for id in decisions),
    ]
    yield from ((whole, id, "applies") for id in ids)


def _from_facts(conditions: Iterable[Condition], to: str, role: str) -> Iterator[Edge]:
    yield from ((fact, to, role) for condition in conditions for fact in facts_of(condition))


def _direction(argument: Argument) -> str:
    if argument.confirms or argument.excludes:
        return "confirms" if argument.confirms else "excludes"
    return "supports" if argument.weight > 0 else "opposes"


# --- ids


def _of(what: Rule | Argument) -> str:
    return f"{'rule' if isinstance(what, Rule) else 'argument'}:{what.id}"


def _of_row(row: Row) -> str:
    return f"row:{row.id}"


def _of_weighing(id: str) -> str:
    return f"weighing:{id}"


def _of_decision(id: str) -> str:
    return f"decision:{id}"


def _of_guideline(guideline: Guideline) -> str:
    return f"guideline:{guideline.id}"
