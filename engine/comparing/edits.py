"""What an author changed between two versions of a guideline: what was added and removed, which sentences were
reworded, which conditions and parameters are others. What that does to patients is `engine.comparing.differences`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias, TypeVar

from guidewright.engine.comparing.versions import meaning, row_meaning, type_meaning
from guidewright.engine.plan import Plan
from guidewright.engine.program import fact_conditions, rows_of, rows_with_ids
from guidewright.rules.condition_text import literals_of
from guidewright.rules.conditions import Condition, tests_of, without_names
from guidewright.rules.english import condition_in_words, in_words, timing_in_words
from guidewright.rules.model import (
    Argument,
    BooleanType,
    ChoicesType,
    ChoiceType,
    DateType,
    Evidence,
    Fact,
    FactType,
    Formula,
    Guideline,
    Holds,
    IntegerType,
    Parameter,
    QuantityType,
    Row,
    Rule,
    Score,
    Step,
    Table,
)
from guidewright.rules.units import show_number

Sort = Literal["wording", "grounds", "says", "logic"]
"""`wording`: the same in other words; whether they mean the same nobody can prove, but where they tell a parameter with
another value, they are `says`. `grounds`: for other reasons, or with another standing. `says`: whoever gets it is told
to do something else. `logic`: it may be for other patients.
"""

# The fields in which a parameter may stand.
_WITH_PARAMETERS = ("text", "short", "label", "question", "note", "says", "except", "answer texts", "row texts")

Thing = Literal["guideline", "parameter", "fact", "rule", "row", "argument", "box"]


@dataclass(frozen=True, slots=True)
class Field:
    """A field that reads otherwise, in words; empty where there is nothing."""

    name: str
    sort: Sort
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Edit:
    """Something that was added, removed or changed. `text` says what it is, in the newest words."""

    thing: Thing
    id: str
    text: str
    how: Literal["added", "removed", "changed"]
    fields: tuple[Field, ...] = ()

    @property
    def is_reworded_only(self) -> bool:
        return self.how == "changed" and all(field.sort == "wording" for field in self.fields)


_Part = TypeVar("_Part")
_Parts: TypeAlias = Callable[[Plan], Mapping[str, _Part]]
_Row = tuple[str, Sort, object, str]
"""A field as it is compared: its name, what a change of it is, what it means, and how it reads."""
_Described: TypeAlias = Callable[[_Part, Plan], Iterator[_Row]]


def edits(old: Plan, new: Plan) -> tuple[Edit, ...]:
    """Everything that differs, in the order of the new version; what was removed stands at the end of its kind."""
    found: list[Edit] = []
    header = tuple(_header_fields(old, new))
    if header:
        found.append(Edit("guideline", new.guideline.id, new.guideline.title, "changed", header))
    texts = texts_of(old) | texts_of(new)
    told = _told_otherwise(old, new)

    def compare(thing: Thing, parts: _Parts[_Part], described: _Described[_Part]) -> None:
        before, after = parts(old), parts(new)
        for id, part in after.items():
            if id not in before:
                found.append(Edit(thing, id, texts[thing, id], "added"))
            elif fields := tuple(_differing(described(before[id], old), described(part, new), id in told)):
                found.append(Edit(thing, id, texts[thing, id], "changed", fields))
        found.extend(Edit(thing, id, texts[thing, id], "removed") for id in before if id not in after)

    compare("parameter", lambda plan: plan.guideline.parameters, _parameter)
    compare("fact", lambda plan: plan.guideline.facts, _fact)
    compare("rule", lambda plan: plan.guideline.rules, _rule)
    compare("row", _rows, _row)
    compare("argument", _arguments, _argument)
    compare("box", _boxes, _box)
    return tuple(found)


def texts_of(plan: Plan) -> dict[tuple[Thing, str], str]:
    """What everything of a guideline that can change says, by kind and id."""
    guideline = plan.guideline
    texts: dict[tuple[Thing, str], str] = {("guideline", guideline.id): guideline.title}
    texts |= {("parameter", id): parameter.label for id, parameter in guideline.parameters.items()}
    texts |= {("fact", id): fact.label for id, fact in guideline.facts.items()}
    texts |= {("rule", id): rule.text for id, rule in guideline.rules.items()}
    for fact, row in rows_with_ids(plan.program):
        assert row.id is not None
        texts["row", row.id] = row.text or f"{fact.label}: {_given_in_words(row, fact)}"
    texts |= {("argument", argument.id): argument.says for argument in plan.program.arguments}
    texts |= {("box", id): step.text for id, step in _boxes(plan).items()}
    return texts


def _differing(before: Iterable[_Row], after: Iterable[_Row], told: bool = False) -> Iterator[Field]:
    """`told`: a parameter with another value is told there, so that other words say something else."""
    for (name, sort, meant, words), (_, _, means, word) in zip(before, after, strict=True):
        if meant != means:
            yield Field(name, "says" if told and name in _WITH_PARAMETERS else sort, words, word)


def _told_otherwise(old: Plan, new: Plan) -> frozenset[str]:
    """The ids of what tells a parameter that has another value."""
    values = [{id: one.written for id, one in plan.guideline.parameters.items()} for plan in (old, new)]
    moved = {id for id in values[0].keys() | values[1].keys() if values[0].get(id) != values[1].get(id)}
    found: set[str] = set()
    for plan in (old, new):
        told = {by for id in moved & plan.guideline.parameters.keys() for by in plan.guideline.parameters[id].told_by}
        found |= told | {id for id, step in _boxes(plan).items() if step.weigh in told}
    return frozenset(found)


def _text(name: str, value: str | None, sort: Sort = "wording") -> _Row:
    return name, sort, value, value or ""


def _names(name: str, values: Iterable[str], sort: Sort) -> _Row:
    values = tuple(values)
    return name, sort, frozenset(values), ", ".join(values)


def _flag(name: str, value: bool, sort: Sort = "grounds") -> _Row:
    return name, sort, value, "yes" if value else "no"


def _condition(name: str, condition: Condition | None, plan: Plan) -> _Row:
    if condition is None:
        return name, "logic", None, ""
    return name, "logic", without_names(condition), condition_in_words(condition, plan.named)


def _evidence(evidence: Evidence) -> Iterator[_Row]:
    yield _text("strength", evidence.strength, "grounds")
    yield _text("certainty", evidence.certainty, "grounds")
    yield _names("because", evidence.because, "grounds")
    yield _names("although", evidence.although, "grounds")
    yield _flag("expert", evidence.expert)


# --- the parts of a guideline


def _header_fields(old: Plan, new: Plan) -> Iterator[Field]:
    def described(plan: Plan) -> Iterator[_Row]:
        guideline = plan.guideline
        for name in ("title", "version", "status", "scope", "use", "misuse"):
            yield _text(name, getattr(guideline, name))
        yield "date", "grounds", guideline.date, str(guideline.date or "")
        yield _condition("applies", guideline.applies, plan)

    yield from _differing(described(old), described(new))
    before, after = _claims(old.guideline), _claims(new.guideline)
    for name in dict.fromkeys((*after, *before)):
        (meant, words), (means, word) = (every.get(name, (None, "")) for every in (before, after))
        if meant != means:
            yield Field(name, "grounds", words, word)


def _claims(guideline: Guideline) -> dict[str, tuple[object, str]]:
    """What a guideline says of itself and names once for all: what it means, and how it reads."""
    found: dict[str, tuple[object, str]] = {}
    for invariant in guideline.invariants.values():
        found[f"invariant {invariant.id}"] = (invariant, invariant.says)
    for group in guideline.exclusive:
        found[f"exclusive: {', '.join((*group.rules, *group.acts))}"] = (group, group.says)
    for one in guideline.accept:
        found[f"accepted {one.code} {', '.join(one.about)}"] = (one, one.because)
    for action in guideline.actions.values():
        part = f" (part of {action.part_of})" if action.part_of is not None else ""
        found[f"action {action.id}"] = (action, f"{action.label}{part}")
    for grade in (*guideline.strengths, *guideline.certainties):
        found[f"grade {grade.id}"] = (grade, f"{grade.label}: {grade.means}" if grade.means else grade.label)
    return found


def _parameter(parameter: Parameter, plan: Plan) -> Iterator[_Row]:
    yield _text("value", parameter.written, "logic")
    yield _text("label", parameter.label)
    yield from _evidence(parameter.evidence)


def _fact(fact: Fact, plan: Plan) -> Iterator[_Row]:
    yield _text("label", fact.label)
    yield _text("question", fact.question)
    yield _text("note", fact.note)
    yield "type", "logic", type_meaning(fact.type), _type_in_words(fact.type)
    yield _condition("only_if", fact.only_if, plan)
    yield "derivation", "logic", meaning(fact)[2], _derivation_in_words(fact, plan)
    texts = tuple(row.text for row in rows_of(fact) if row.id is None)
    yield "row texts", "wording", texts, "; ".join(text for text in texts if text is not None)
    yield "tolerance", "logic", fact.tolerance, "" if fact.tolerance is None else show_number(fact.tolerance)
    yield _flag("fixed", fact.fixed)


def _type_in_words(kind: FactType) -> str:
    match kind:
        case QuantityType(unit, run):
            return f"a quantity in {unit.text}{_range_in_words(run.low, run.high, kind)}"
        case IntegerType(run):
            return f"a whole number{_range_in_words(run.low, run.high, kind)}"
        case ChoiceType(options, ordered):
            return f"one of {', '.join(option.label for option in options)}{' (ascending)' if ordered else ''}"
        case ChoicesType(options):
            return f"any of {', '.join(option.label for option in options)}"
        case DateType(future):
            return "a day, also a future one" if future else "a day"
        case BooleanType():
            return "yes or no"
        case _:
            return "a text"


def _range_in_words(low: Any, high: Any, kind: FactType) -> str:
    if low is None and high is None:
        return ""
    ends = [f"{word} {in_words(end, kind)}" for word, end in (("from", low), ("to", high)) if end is not None]
    return f", {' '.join(ends)}"


def _derivation_in_words(fact: Fact, plan: Plan) -> str:
    match fact.derivation:
        case Formula(_, text):
            return text
        case Holds(condition):
            return condition_in_words(condition, plan.named)
        case Table() as table:
            return "; ".join(_row_in_words(row, fact, plan) for row in table.all_rows)
        case Score(rows):
            return "; ".join(_row_in_words(row, fact, plan) for row in rows)
        case None:
            return ""


def _row_in_words(row: Row, fact: Fact, plan: Plan) -> str:
    return f"{_given_in_words(row, fact)}: {condition_in_words(row.when, plan.named)}"


def _given_in_words(row: Row, fact: Fact) -> str:
    if row.points is not None:
        return f"{show_number(row.points)} points"
    return "by a formula" if row.value is None else in_words(row.value, fact.type)


def _rule(rule: Rule, plan: Plan) -> Iterator[_Row]:
    guideline = plan.guideline
    timing = "" if rule.timing is None else timing_in_words(rule.timing, guideline.facts)
    yield _text("text", rule.text)
    yield _text("short", rule.short)
    yield _text("kind", rule.kind, "says")
    yield _names("asks", rule.asks, "says")
    yield "timing", "says", rule.timing, timing
    yield _flag("signoff", rule.signoff, "says")
    yield _text("stage", rule.stage, "grounds")
    yield _condition("when", rule.when, plan)
    yield _condition("unless", rule.unless, plan)
    yield _names("acts", rule.acts, "logic")
    yield _names("stops", rule.stops, "logic")
    yield _names("despite", rule.despite, "logic")
    yield _names("overrides", rule.overrides, "logic")
    yield _text("except", rule.except_, "grounds")
    yield _text("note", rule.note)
    yield from _evidence(rule.evidence)


def _rows(plan: Plan) -> dict[str, Row]:
    return {row.id: row for _, row in rows_with_ids(plan.program) if row.id is not None}


def _row(row: Row, plan: Plan) -> Iterator[_Row]:
    fact = next(fact for fact, other in rows_with_ids(plan.program) if other is row)
    yield _text("text", row.text)
    yield _condition("when", row.when, plan)
    yield "value", "says", (fact.id, *row_meaning(row)[1:]), f"{fact.label}: {_given_in_words(row, fact)}"
    yield from _evidence(row.evidence or Evidence())


_Placed = tuple[str, Argument]
"""An argument with the candidate that it speaks of, `weighing.candidate`."""


def _arguments(plan: Plan) -> dict[str, _Placed]:
    return {
        argument.id: (f"{weighing.id}.{candidate.id}", argument)
        for weighing in plan.guideline.weighings.values()
        for candidate in weighing.candidates
        for argument in candidate.arguments
    }


def _argument(placed: _Placed, plan: Plan) -> Iterator[_Row]:
    candidate, argument = placed
    yield _text("says", argument.says)
    yield _text("candidate", candidate, "says")
    weight = "confirms" if argument.confirms else "excludes" if argument.excludes else show_number(argument.weight)
    yield _text("weight", weight, "says")
    yield _condition("when", argument.when, plan)
    yield _condition("unless", argument.unless, plan)
    yield from _evidence(argument.evidence)


def _boxes(plan: Plan) -> dict[str, Step]:
    return {f"{stage.id}/{step.id}": step for stage in plan.guideline.stages for step in stage.steps}


def _box(step: Step, plan: Plan) -> Iterator[_Row]:
    yield _text("text", step.text)
    yield _text("kind", step.kind, "logic")
    yield _names("rules", step.rules, "logic")
    yield _text("go", step.go, "logic")
    yield _text("link", step.link, "logic")
    yield _text("weigh", step.weigh, "logic")
    yield _text("question", plan.guideline.weighings[step.weigh].question if step.weigh is not None else None)
    words = "; ".join(f"{answer.text} → {answer.go}" for answer in step.answers)
    meant = tuple((answer.go, answer.last, without_names(answer.when)) for answer in step.answers)
    yield "answers", "logic", meant, words
    yield "answer texts", "wording", tuple(answer.text for answer in step.answers), words


# --- parameters


def users_of(parameter: str, plan: Plan) -> tuple[str, ...]:
    """What a parameter decides about: the ids of the rules, rows, arguments and decisions whose conditions name it, or
    test a fact that follows from it.
    """
    touched: set[str] = set()

    def uses(*conditions: Condition | None) -> bool:
        tests = [test for condition in conditions if condition is not None for test in tests_of(condition)]
        return any(
            test.fact in touched or any(literal.parameter == parameter for literal in literals_of(test.check))
            for test in tests
        )

    for fact in plan.program.facts:
        if uses(*fact_conditions(fact)) or touched.intersection(plan.program.inputs[fact.id]):
            touched.add(fact.id)
    touched |= {
        f"{weighing.id}.confirmed"
        for weighing in plan.program.weighings
        if any(uses(a.when, a.unless) for c in weighing.candidates for a in c.arguments if a.confirms or a.excludes)
    }
    found = [rule.id for rule in plan.guideline.rules.values() if uses(rule.when, rule.unless)]
    found += [row.id for _, row in rows_with_ids(plan.program) if row.id is not None and uses(row.when)]
    found += [argument.id for argument in plan.program.arguments if uses(argument.when, argument.unless)]
    found += [step for step, answers in plan.program.decisions.items() if uses(*(answer.when for answer in answers))]
    return tuple(found)
