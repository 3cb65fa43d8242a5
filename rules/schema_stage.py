"""The JSON Schema of stage files: rules, weighings and the pathway."""

from __future__ import annotations

from collections.abc import Mapping

from guidewright.rules.model import RULE_KINDS, SHORT_LIMIT, DateType, Guideline
from guidewright.rules.schema_shapes import (
    at_least_one,
    condition_definitions,
    evidence,
    exactly_one,
    excluding,
    facts_by_id,
    id_names,
    id_value,
    list_of,
    mapping,
    one_of_many,
    only_true,
    own_keys,
    reference,
    some_id,
    statement_definition,
    supported,
    text,
    without,
)
from guidewright.rules.schema_values import Schema, named

_SAYS: Mapping[str, str] = {
    "do": "What to do, as a sentence",
    "avoid": "What not to do, as a sentence",
    "consider": "What to consider, as a sentence",
    "flag": "What is wrong or noteworthy, as a sentence",
    "inform": "What to tell, as a sentence",
}
_DURATION = r"^\s*\+?0*[1-9][0-9]*(?:\.0+)?\s*(?:d|wk|mo|a)\s*$"
_DIRECTIONS = ("supports", "opposes", "confirms", "excludes")
#: For each kind of step (by the key that makes it one; `title` for a plain box) its keys, and those that it needs.
STEPS: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "title": (("title", "rules", "go"), ("title", "go")),
    "decide": (("decide", "answers", "rules"), ("answers",)),
    "weigh": (("weigh", "title", "rules", "go"), ("go",)),
    "choose": (("choose", "options", "rules", "go"), ("options", "go")),
    "link": (("link", "title", "rules"), ()),
    "end": (("end", "rules"), ()),
}


def stage_schema(guideline: Guideline) -> Schema:
    """What a stage file may hold."""
    stages = {stage.id: stage.title for stage in guideline.stages}
    properties = {
        "stage": some_id(stages, "The id of the stage, as guideline.yaml names it"),
        "title": text("The title of the page"),
        "rules": {"type": "array", "description": "The rules of this stage", "items": reference("rule")},
        "weigh": own_keys(reference("weighing"), id_names(), "Questions whose answers are argued, not computed"),
        "pathway": own_keys(
            reference("step"),
            id_names(),
            "The flowchart: a box each, in reading order, from `start`",
            required=["start"],
        ),
        "beside": list_of(reference("rule_id"), "The rules that stand on no step"),
    }
    return mapping(properties, ["stage", "title"]) | {
        "definitions": {
            **statement_definition(guideline),
            **condition_definitions(guideline, confirmed=True),
            "action": named(
                {action.id: action.label for action in guideline.actions.values()}, "guideline.yaml has no such action"
            ),
            "fact_id": one_of_many(facts_by_id(guideline.facts.values()), "facts.yaml has no such fact"),
            "rule_id": rule_ids(guideline),
            "duration": {
                "type": ["string"],
                "pattern": _DURATION,
                "errorMessage": "a duration is a whole number of `d`, `wk`, `mo` or `a`, such as `3 mo`",
            },
            "durations": {
                "anyOf": [
                    reference("duration"),
                    {"type": "array", "items": reference("duration"), "minItems": 1, "maxItems": 2},
                ]
            },
            "rule": _rule(guideline),
            "weighing": _weighing(),
            "argument": _argument(guideline),
            "step": _step(guideline),
            "next_step": some_id(_steps(guideline), "The next step of this page"),
            "answer": _answer(),
        }
    }


def rule_ids(guideline: Guideline) -> Schema:
    """The rules to name in `overrides`, on a step and so on."""
    message = "no rule has this id, or it is newer than this schema"
    return one_of_many({rule.id: rule.text for rule in guideline.rules.values()}, message)


def _rule(guideline: Guideline) -> Schema:
    properties: dict[str, Schema] = {
        "id": id_value("The id of the rule, by which answers and other rules name it"),
        **{kind: text(says) for kind, says in _SAYS.items()},
        "ask": list_of(reference("fact_id"), "The facts to obtain; `says` words it", minItems=1),
        "says": text("The sentence of an `ask`"),
        "short": _short(),
        "timing": _timing(guideline),
        "when": reference("condition", "All of this must be true; `{}` is true for every patient"),
        "unless": reference("condition", "Stops the rule where it is true; where it is open, the answer says so"),
        "acts": list_of(reference("action"), "What it would have done, from the actions of guideline.yaml"),
        "stops": list_of(reference("action"), "What it forbids: every rule that acts on this, or on a part of it"),
        "despite": list_of(reference("rule_id"), "The prohibitions that this rule stands in spite of"),
        "overrides": list_of(reference("rule_id"), "The rules that it replaces where it fires"),
        **evidence(guideline),
        "except": text("Exceptions that no fact captures"),
        "note": text("What else to know"),
        "signoff": named({"required": "A clinician must sign this rule before it is used"}),
    }
    one = "a rule has exactly one of " + ", ".join(f"`{kind}`" for kind in RULE_KINDS)
    return mapping(
        properties,
        ["id", "when"],
        allOf=[at_least_one(RULE_KINDS, one), supported("rule")],
        dependencies={kind: _beside_kind(kind) for kind in RULE_KINDS},
    )


def _short() -> Schema:
    """Blanks in a row count as one. What a text with a parameter comes to, only the loader knows."""
    fitting = rf"\s*(?:[^\s{{]|\s+(?=\S)){{1,{SHORT_LIMIT}}}\s*"
    return text(
        "The same in few words, for the box of a flowchart; after `avoid` it goes on from DO NOT",
        rf"^(?:{fitting}|[\s\S]*\{{[\s\S]*)$",
        f"a text for a box has at most {SHORT_LIMIT} characters",
    )


def _beside_kind(kind: str) -> Schema:
    """What may not stand in a rule of this kind, and what must."""
    refused: list[str] = [other for other in RULE_KINDS if other != kind]
    refused += [] if kind in ("do", "consider") else ["acts", "timing"]
    return without(refused) | {"required": ["says"]} if kind == "ask" else without([*refused, "says"])


def _timing(guideline: Guideline) -> Schema:
    dates = facts_by_id(fact for fact in guideline.facts.values() if isinstance(fact.type, DateType))
    properties = {
        "every": reference("durations", "Again and again, each time after so long"),
        "once": reference("durations", "Once, after so long"),
        "from": named(dates, "facts.yaml has no such date") | {"description": "The date fact that it is counted from"},
        "after": reference("duration", "Begins so long after that date"),
        "until": reference("duration", "Ends so long after that date"),
    }
    either = exactly_one(("every", "once"), "a timing has either `every` or `once`")
    counted = {"after": ["from"], "until": ["from"], **excluding(("every", "once"))}
    return mapping(properties, description="When to do it") | either | {"dependencies": counted}


def _weighing() -> Schema:
    candidate = mapping(
        {
            "label": text("What it is"),
            "arguments": {
                "type": "array",
                "description": "What speaks for and against it",
                "items": reference("argument"),
                "minItems": 1,
            },
        },
        ["label", "arguments"],
    )
    properties = {
        "question": text("What is to be decided"),
        "candidates": own_keys(candidate, id_names(), "The possible answers", minProperties=2),
    }
    return mapping(properties, ["question", "candidates"])


def _argument(guideline: Guideline) -> Schema:
    weight: Schema = {"type": "number", "exclusiveMinimum": 0}
    properties = {
        "id": id_value("The id of the argument"),
        "says": text("The argument, as a sentence"),
        "supports": weight | {"description": "Its weight for the candidate"},
        "opposes": weight | {"description": "Its weight against the candidate"},
        "confirms": only_true("Decides for the candidate"),
        "excludes": only_true("Decides against the candidate"),
        "when": reference("fact_condition", "Where the argument counts"),
        "unless": reference("fact_condition", "Where it does not count after all"),
        "note": text("What else to know"),
        **evidence(guideline),
    }
    one = "an argument has exactly one of " + ", ".join(f"`{name}`" for name in _DIRECTIONS)
    return mapping(properties, ["id", "says", "when"]) | exactly_one(_DIRECTIONS, one)


def _step(guideline: Guideline) -> Schema:
    linked = _steps(guideline) | {
        f"{stage.id}/{step.id}": step.text for stage in guideline.stages for step in stage.steps
    }
    properties = {
        "title": text("What the box says"),
        "decide": text("The question of a decision"),
        "weigh": named({weighing.id: weighing.question for weighing in guideline.weighings.values()})
        | {"description": "The weighing that is shown here"},
        "choose": text("The question of a choice that is the clinician's"),
        "link": some_id(linked, "Where the way goes on: a step of this page, or `stage/step`"),
        "end": text("How the way ends"),
        "answers": {
            "type": "array",
            "description": "Answers that exclude each other",
            "items": reference("answer"),
            "minItems": 2,
        },
        "options": list_of(reference("rule_id"), "The rules to choose from", minItems=2),
        "rules": list_of(reference("rule_id"), "The rules that stand on this step"),
        "go": reference("next_step"),
    }
    kinds = [kind for kind in STEPS if kind != "title"]
    message = "a step is a box (`title` and `go`), or has one of " + ", ".join(f"`{kind}`" for kind in kinds)
    box: Schema = {"required": ["title", "go"], **without(["answers", "options"]), "errorMessage": message}
    return mapping(
        properties,
        anyOf=[*({"required": [kind], "errorMessage": message} for kind in kinds), box],
        dependencies={
            kind: without(key for key in properties if key not in STEPS[kind][0]) | {"required": list(STEPS[kind][1])}
            for kind in kinds
        },
    )


def _steps(guideline: Guideline) -> dict[str, str]:
    return {step.id: step.text for stage in guideline.stages for step in stage.steps}


def _answer() -> Schema:
    ways = ("when", "otherwise", "assumed")
    properties = {
        "answer": text("The answer, as it stands on the arrow"),
        "when": reference("condition", "Where this is the answer"),
        "otherwise": only_true("The last answer: all others are false"),
        "assumed": only_true("The last answer: none is true; the path says what it assumes"),
        "go": reference("next_step"),
    }
    message = "an answer has exactly one of `when`, `otherwise` and `assumed`"
    return mapping(properties, ["answer", "go"]) | exactly_one(ways, message)
