"""The shapes that the files of a guideline share, as JSON Schema: texts, ids, evidence, conditions."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from guidewright.rules.model import ChoiceType, Fact, FactType, Guideline, Option
from guidewright.rules.schema_units import alternatives, literally
from guidewright.rules.schema_values import Schema, described, named, nothing, readings, schema_of_test
from guidewright.rules.shape import RESERVED

_RESERVED = "|".join(sorted(RESERVED))
_ID = r"[A-Za-z0-9_-]{1,100}"


def text(
    description: str = "", expression: str = r"\S", message: str = "a text stands here, which is not empty"
) -> Schema:
    """A text; a number counts as the text that stands there."""
    # The loader takes `true` as a text too. Allowed here, editors would suggest `true` and `false` for every text.
    return {
        "type": ["string", "number"],
        **({"description": description} if description else {}),
        "pattern": expression,
        "errorMessage": message,
    }


def flag(description: str) -> Schema:
    """`true` or `false`."""
    return {"type": "boolean", "description": description}


def only_true(description: str) -> Schema:
    """A key that stands there with `true` or not at all."""
    return {"enum": [True], "description": description}


def id_names(dotted: bool = False, may_be: Collection[str] = ()) -> Schema:
    """What the keys of a mapping may be, where they are the author's."""
    words = "|".join(word for word in sorted(RESERVED) if word not in may_be)
    parts = rf"{_ID}(?:\.{_ID})*" if dotted else _ID
    return {
        "pattern": rf"^(?!(?:{words})$){parts}$",
        "errorMessage": f"an id has letters, digits, `_` and `-`{', and dots between its parts' if dotted else ''}, "
        "and is no word of the language",
    }


def id_value(description: str) -> Schema:
    """An id behind a key."""
    return {
        "type": ["string", "integer"],
        "description": description,
        "pattern": rf"^(?!(?:{_RESERVED})$){_ID}$",
        "errorMessage": "an id has letters, digits, `_` and `-`, and is no word of the language",
    }


def some_id(choices: Mapping[str, str], description: str) -> Schema:
    """An id that is suggested from these, and may be another, which the file that names it defines."""
    other: Schema = {"type": ["string", "integer"], "pattern": r"\S"}
    return {"description": description, "anyOf": [named(choices, "an id stands here"), other] if choices else [other]}


def one_of_many(choices: Mapping[str, str], message: str) -> Schema:
    """One of so many words that an editor shows the meaning of the one that it stands on, and not of all."""
    if not choices:
        return nothing(message)
    meanings = [(reading, says) for word, says in choices.items() for reading in readings(word)]
    numbers = any(not isinstance(reading, str) for reading, _ in meanings)
    # The pattern says which texts may stand here. The alternatives describe them: the last one fits every text.
    return {
        "type": ["string", "number", "boolean"] if numbers else ["string"],
        "pattern": f"^{alternatives([literally(word) for word in choices])}$",
        "errorMessage": message,
        "anyOf": [*({"const": reading, "description": says} for reading, says in meanings), {"type": ["string"]}],
    }


def list_of(item: Schema, description: str = "", **more: object) -> Schema:
    """A list in which nothing stands twice."""
    return {
        "type": "array",
        **({"description": description} if description else {}),
        "items": item,
        "uniqueItems": True,
        **more,
    }


def mapping(properties: Mapping[str, object], required: Iterable[str] = (), **more: object) -> Schema:
    """A mapping with these keys and no other."""
    return {
        "type": "object",
        "properties": dict(properties),
        "required": list(required),
        "additionalProperties": False,
        **more,
    }


def own_keys(value: Schema, names: Schema, description: str = "", **more: object) -> Schema:
    """A mapping whose keys are the author's."""
    return {
        "type": "object",
        **({"description": description} if description else {}),
        "propertyNames": names,
        "additionalProperties": value,
        **more,
    }


def reference(name: str, description: str = "") -> Schema:
    """A schema of `definitions`. A description beside it is for editors; what checks passes over it."""
    return {"$ref": f"#/definitions/{name}", **({"description": description} if description else {})}


def at_least_one(names: Iterable[str], message: str) -> Schema:
    """One of these keys, or several."""
    return {"anyOf": [{"required": [name], "errorMessage": message} for name in names]}


def without(names: Iterable[str]) -> Schema:
    """Refuses these keys."""
    return {"properties": dict.fromkeys(names, False)}


def excluding(names: Collection[str]) -> dict[str, Schema]:
    """For `dependencies`: none of these keys stands beside another of them."""
    return {name: without(other for other in names if other != name) for name in names}


def exactly_one(names: Collection[str], message: str) -> Schema:
    """One of these keys, and no other of them."""
    return at_least_one(names, message) | {"dependencies": excluding(names)}


# --- evidence


def evidence(guideline: Guideline) -> dict[str, Schema]:
    """The keys that grade and support a rule, a row, an argument or a parameter."""
    grades = {
        name: named(
            {g.id: ": ".join(filter(None, (g.label, g.means))) for g in found}, f"no {name} of the grading scheme"
        )
        for name, found in (("strength", guideline.strengths), ("certainty", guideline.certainties))
    }
    return {
        "strength": grades["strength"] | {"description": "How strongly it is recommended, from the grading scheme"},
        "certainty": grades["certainty"] | {"description": "How certain the evidence is, from the grading scheme"},
        "because": list_of(reference("statement"), "The located statements that support it"),
        "although": list_of(reference("statement"), "The located statements that speak against it"),
        "expert": flag("It rests on expert practice, beside or without statements"),
    }


def statement_definition(guideline: Guideline) -> dict[str, Schema]:
    """The definition that `evidence` needs: every located statement with what it says."""
    statements = {
        f"{source.id}.{statement.id}": statement.says + f" ({source.cite})"
        for source in guideline.sources.values()
        for statement in source.statements.values()
    }
    message = "sources.yaml has no such statement; one is written `source.STATEMENT`"
    return {"statement": one_of_many(statements, message)}


def supported(what: str) -> Schema:
    """`because`, or `expert: true`."""
    message = f"nothing supports this {what}: name statements under `because`, or say `expert: true`"
    return {
        "anyOf": [
            {"required": ["because"], "errorMessage": message},
            {"required": ["expert"], "errorMessage": message},
        ]
    }


# --- conditions


def condition_definitions(guideline: Guideline, confirmed: bool) -> dict[str, Schema]:
    """`fact_condition`, over facts alone, and every test in it.

    With `confirmed` also `condition`, of rules and answers, which may test what a weighing settled.
    """
    kinds: dict[FactType, str] = {}
    for fact in guideline.facts.values():
        kinds.setdefault(fact.type, f"test.{fact.id}")
    tests = {id: reference(kinds[fact.type], described(fact)) for id, fact in guideline.facts.items()}
    found = {name: schema_of_test(kind, guideline.parameters) for kind, name in kinds.items()}
    found["fact_condition"] = _condition("fact_condition", tests)
    if confirmed:
        for weighing in guideline.weighings.values():
            options = tuple(Option(candidate.id, candidate.label) for candidate in weighing.candidates)
            said = f"What a decisive argument settled: {weighing.question}"
            tests[f"{weighing.id}.confirmed"] = schema_of_test(ChoiceType(options), guideline.parameters) | {
                "description": said
            }
        found["condition"] = _condition("condition", tests)
    return found


def _condition(name: str, tests: Mapping[str, Schema]) -> Schema:
    conditions: Schema = {"type": "array", "items": reference(name), "minItems": 1}
    words = {
        "any": conditions | {"description": "One of these conditions holds"},
        "all": conditions | {"description": "All of these conditions hold; for two tests of one fact"},
        "not": reference(name, "This condition does not hold"),
    }
    return {"type": "object", "properties": {**tests, **words}, "additionalProperties": False}


def facts_by_id(facts: Iterable[Fact]) -> dict[str, str]:
    """Facts to choose from."""
    return {fact.id: fact.label for fact in facts}
