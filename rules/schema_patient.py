"""The JSON Schema of patient and case files."""

from __future__ import annotations

from guidewright.rules.cases import rule_ids
from guidewright.rules.model import FactType, Guideline
from guidewright.rules.schema_shapes import (
    exactly_one,
    facts_by_id,
    list_of,
    mapping,
    one_of_many,
    reference,
    text,
)
from guidewright.rules.schema_values import DAY, DAYS, Schema, described, named, pattern, schema_of_record

_SAYS_WHERE = {
    "source": "Where it comes from: a report, a letter",
    "note": "What else to know",
}


def patient_schema(guideline: Guideline) -> Schema:
    """What a file about a patient may hold, and a case, which says what the guideline must answer."""
    kinds: dict[FactType, str] = {}
    for fact in guideline.facts.values():
        kinds.setdefault(fact.type, fact.id)
    properties = {
        "patient": text("An opaque id, never a name"),
        "case": text("The id of a case"),
        "why": text("What the case is there for"),
        "as_of": text(
            "The day of the assessment", pattern(DAY), "a day is written year-month-day, such as `2020-12-15`"
        ),
        "facts": _facts(guideline, kinds),
        "expect": _expect(guideline),
    }
    definitions: dict[str, Schema] = {"on": _on()}
    for kind, name in kinds.items():
        definitions[f"said.{name}"] = schema_of_record(kind)
        definitions[f"record.{name}"] = _record(f"said.{name}")
    in_a_case = {"expect": ["case", "why", "as_of"]}
    return mapping(properties, ["facts"], dependencies=in_a_case) | {"definitions": definitions}


def _on() -> Schema:
    message = "a date is written `2020-12-15`, or `2020-12` or `2020` if no more is known"
    return text("The day of the finding", pattern(DAYS), message)


def _record(said: str) -> Schema:
    """A value; or a value, or several that disagree, with where they come from."""
    about = {**{name: text(says) for name, says in _SAYS_WHERE.items()}, "on": reference("on")}
    value = reference(said, "What is recorded; `unknown` where nothing is")
    entry = mapping({"value": value, **about}, ["value"])
    several: Schema = {
        "type": "array",
        "description": "What sources that disagree say",
        "items": {"anyOf": [reference(said), entry], "not": {"const": "unknown"}},
        "minItems": 2,
    }
    message = "a record has either `value` or `one_of`"
    whole = mapping({"value": value, "one_of": several, **about}) | exactly_one(("value", "one_of"), message)
    return {"anyOf": [reference(said), whole]}


def _facts(guideline: Guideline, kinds: dict[FactType, str]) -> Schema:
    """The facts, dotted or nested: below a part of an id stand the rests of the ids that begin with it."""
    records = {id: reference(f"record.{kinds[fact.type]}", described(fact)) for id, fact in guideline.facts.items()}
    groups = {id[:dot] for id in records for dot in range(len(id)) if id[dot] == "."}

    def level(prefix: str) -> dict[str, Schema]:
        found = {id.removeprefix(prefix): record for id, record in records.items() if id.startswith(prefix)}
        below = sorted(group for group in groups if group.startswith(prefix) and group + "." != prefix)
        return found | {group.removeprefix(prefix): nested(group) for group in below}

    def nested(group: str) -> Schema:
        return {"type": "object", "properties": level(group + "."), "additionalProperties": False}

    return {
        "type": ["object", "null"],
        "description": "What is recorded; a fact that is not named is unknown",
        "properties": level(""),
        "additionalProperties": False,
    }


def _expect(guideline: Guideline) -> Schema:
    rules = one_of_many(_rules_and_rows(guideline), "no rule, and no row with an id, is called this")
    facts = one_of_many(facts_by_id(guideline.facts.values()), "facts.yaml has no such fact")
    leading = {
        weighing.id: list_of(named({c.id: c.label for c in weighing.candidates}), weighing.question)
        for weighing in guideline.weighings.values()
    }
    return mapping(
        {
            "fired": list_of(rules, "Rules that hold"),
            "overridden": list_of(rules, "Rules that another replaces"),
            "must_not_fire": list_of(rules, "Rules that have not fired, are open, or are overridden"),
            "not_fired": list_of(rules, "Rules that do not hold"),
            "open": list_of(rules, "Rules that cannot say yet"),
            "ask": list_of(facts, "Facts that are among those asked for"),
            "leading": mapping(leading, description="The candidates that lead each weighing"),
        },
        description="What the guideline must say about this patient",
    )


def _rules_and_rows(guideline: Guideline) -> dict[str, str]:
    rules = guideline.rules
    return {id: rules[id].text if id in rules else "A row of a table or a score" for id in rule_ids(guideline)}
