"""What a guideline claims of itself, in the JSON Schema of guideline.yaml."""

from __future__ import annotations

from guidewright.rules.model import Guideline
from guidewright.rules.read_claims import CLAIMS
from guidewright.rules.schema_shapes import at_least_one, id_value, list_of, mapping, reference, some_id, text
from guidewright.rules.schema_stage import rule_ids
from guidewright.rules.schema_values import Schema, named

_CODE = r"^\s*GW[0-9]{3}\s*$"


def listed(definition: str, description: str) -> Schema:
    """A list of what is defined under this name."""
    return {"type": "array", "description": description, "items": reference(definition)}


def claim_definitions(guideline: Guideline) -> dict[str, Schema]:
    """The definitions of an invariant, an exclusive group and an acceptance."""
    rules = reference("rule_id")
    group = list_of(rules, minItems=2)
    invariant = mapping(
        {
            "id": id_value("The id of the invariant"),
            "says": text("What is claimed, as a sentence for a clinician"),
            "when": reference("condition", "Claimed where this is known true; without it, for every patient"),
            "unless": reference("condition", "Not claimed where this is known true"),
            "never_fires": list_of(rules, "None of these rules fires"),
            "never_acts": list_of(reference("action"), "No rule that fires does one of these, or a part of it"),
            "never_together": {
                "type": "array",
                "description": "Of each of these groups no two rules fire",
                "items": group,
            },
            "one_fires": list_of(rules, "One of these rules fires, or several do"),
        },
        ["id", "says"],
    ) | at_least_one(CLAIMS, "an invariant claims something: " + ", ".join(f"`{name}`" for name in CLAIMS))
    exclusive = mapping(
        {
            "says": text("Why they exclude each other, as a sentence for a clinician"),
            "rules": list_of(rules, "Rules of which no two fire for one patient"),
            "acts": list_of(reference("action"), "Actions of which no two are recommended by two rules"),
        },
        ["says"],
    ) | at_least_one(("rules", "acts"), "a group names `rules`, `acts` or both")
    acceptance = mapping(
        {
            "code": text("The code of the finding", _CODE, "a code stands in the brackets of a message: `GW414`"),
            "about": list_of(some_id({}, ""), "What the finding is about, by ids; steps as `stage/step`", minItems=1),
            "because": text("Why it is left as it is, as a clinician would say it"),
        },
        ["code", "about", "because"],
    )
    actions = {action.id: action.label for action in guideline.actions.values()}
    return {
        "invariant": invariant,
        "exclusive": exclusive,
        "acceptance": acceptance,
        "rule_id": rule_ids(guideline),
        "action": named(actions, "guideline.yaml has no such action"),
    }
