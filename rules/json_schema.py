"""JSON Schemas of the files of a guideline, made from the guideline itself.

With them an editor completes and checks every fact, value, unit, action, rule and statement while a file is written.
They say less than the loader, which has the last word: what it accepts they accept, but for ids that are newer than
they are, units in an unusual form, and a `true` for a text. docs/editor.md tells how to use them.
"""

from __future__ import annotations

import contextlib
import json
import os
from pathlib import Path
from secrets import token_hex
from typing import get_args

from guidewright.rules.model import Guideline, ReadAs, SourceKind
from guidewright.rules.schema_claims import claim_definitions, listed
from guidewright.rules.schema_facts import facts_schema
from guidewright.rules.schema_patient import patient_schema
from guidewright.rules.schema_shapes import (
    condition_definitions,
    evidence,
    id_names,
    id_value,
    list_of,
    mapping,
    own_keys,
    reference,
    some_id,
    statement_definition,
    text,
)
from guidewright.rules.schema_stage import stage_schema
from guidewright.rules.schema_values import DAY, Schema, pattern

FOLDER = ".schema"
"""The folder beside the files of a guideline that the schemas are written to."""

_MARK = "made by guidewright; changes are lost"
_READ = {
    "full-text": "The whole text was read",
    "abstract": "Only the abstract was read",
    "secondary": "Only what others write about it was read",
    "not-read": "It was not read",
}


def editor_schemas(guideline: Guideline) -> dict[str, Schema]:
    """The schemas by file name, each JSON Schema draft 7: of the three fixed files, of stage files, and of patients."""
    schemas = {
        "guideline.schema.json": ("guideline", guideline_schema(guideline)),
        "facts.schema.json": ("facts", facts_schema(guideline)),
        "sources.schema.json": ("sources", sources_schema()),
        "stage.schema.json": ("stage", stage_schema(guideline)),
        "patient.schema.json": ("patient", patient_schema(guideline)),
    }
    return {
        name: {
            "$schema": "http://json-schema.org/draft-07/schema#",
            "$comment": _MARK,
            "title": title,
            "description": f"{guideline.title}, version {guideline.version}",
            **schema,
        }
        for name, (title, schema) in schemas.items()
    }


def write_schemas(guideline: Guideline, folder: str | Path) -> tuple[Path, ...]:
    """Writes the schemas to the folder `.schema` in this folder, which must exist; returns their paths.

    Each file is replaced as a whole or not at all, and left alone where it says the same already. Raises
    FileExistsError, before anything is written, where something of that name was not made here; OSError where writing
    fails.
    """
    target = Path(folder) / FOLDER
    texts = {target / name: _written(schema) for name, schema in editor_schemas(guideline).items()}
    target.mkdir(exist_ok=True)
    changed = [path for path, content in texts.items() if not _says(path, content)]
    for path in changed:
        _replace(path, texts[path])
    return tuple(texts)


def _written(schema: Schema) -> bytes:
    return (json.dumps(schema, ensure_ascii=False, separators=(",", ":")) + "\n").encode()


def _says(path: Path, content: bytes) -> bool:
    """Whether a file holds this content already. A file that another made is an error."""
    if not os.path.lexists(path):
        return False
    if path.is_symlink() or not path.is_file():
        raise FileExistsError(f"`{path}` is no file that guidewright made; it is left as it is")
    found = path.read_bytes()
    if f'"$comment":"{_MARK}"'.encode() not in found[:400]:
        raise FileExistsError(f"`{path}` was not made by guidewright; it is left as it is")
    return found == content


def _replace(path: Path, content: bytes) -> None:
    beside = path.with_name(f".{path.name}.{token_hex(8)}")
    try:
        with open(beside, "xb") as stream:
            stream.write(content)
        os.replace(beside, path)
    finally:
        with contextlib.suppress(FileNotFoundError):
            beside.unlink()


# --- guideline.yaml


def guideline_schema(guideline: Guideline) -> Schema:
    """What guideline.yaml may hold."""
    label, means = text("What it is called"), text("What it means")
    grade = mapping({"label": label, "means": means}, ["label"])
    grades = own_keys({"anyOf": [text("Its label"), grade]}, id_names(), "From the highest to the lowest")
    actions = {action.id: action.label for action in guideline.actions.values()}
    properties = {
        "id": id_value("The id of the guideline"),
        "title": text("What it is called"),
        "version": text(
            "Three numbers: `0.1.0`",
            r"^\s*[0-9]+\.[0-9]+\.[0-9]+(-[0-9A-Za-z.-]+)?\s*$",
            "write three numbers: `0.1.0`",
        ),
        "date": text("The day of this version", pattern(DAY), "write year, month and day: `2020-12-15`")
        | {"type": ["string"]},
        "status": text("How far it has come: a draft, reviewed by whom"),
        "language": {"enum": ["en"], "description": "The language of its texts"},
        "scope": text("Whom it is about"),
        "use": text("What it is for"),
        "misuse": text("What it is not for"),
        "grading": mapping({"strength": grades, "certainty": grades}, description="The scheme that grades rules"),
        "applies": reference("fact_condition", "Where this is false, no rule fires"),
        "actions": own_keys(
            mapping({"label": label, "part_of": some_id(actions, "The action that this is a part of")}, ["label"]),
            id_names(),
            "What rules may do or forbid; who forbids an action forbids its parts",
        ),
        "parameters": own_keys(reference("parameter"), id_names(), "The values that a hospital may adapt"),
        "stages": list_of(
            some_id({stage.id: stage.title for stage in guideline.stages}, ""), "The ids of the stages, in order"
        ),
        "invariants": listed("invariant", "What must hold for every patient and every incomplete record"),
        "exclusive": listed("exclusive", "What is never recommended together for one patient"),
        "accept": listed("acceptance", "Findings of the proofs that are known, and left as they are for a reason"),
    }
    parameter = {
        "value": {"type": ["string", "number", "boolean"], "description": "Its value, with its unit: `6 mo`"},
        "label": text("What it says"),
        "note": text("What else to know"),
        **evidence(guideline),
    }
    return mapping(properties, ["id", "title", "version", "status", "language", "stages"]) | {
        "definitions": {
            **statement_definition(guideline),
            **condition_definitions(guideline, confirmed=True),
            "parameter": mapping(parameter, ["value", "label"]),
            **claim_definitions(guideline),
        }
    }


# --- sources.yaml


def sources_schema() -> Schema:
    """What sources.yaml may hold; the same for every guideline."""
    source = mapping(
        {
            "cite": text("The citation"),
            "kind": {"enum": list(get_args(SourceKind)), "description": "What kind of publication it is"},
            "read": {
                "enum": list(get_args(ReadAs)),
                "enumDescriptions": [_READ[name] for name in get_args(ReadAs)],
                "description": "How much of it was read",
            },
            "url": text("A link to it", r"^\s*https:\/\/", "a link begins with `https://`"),
            "note": text("What else to know"),
            "statements": own_keys(reference("statement"), id_names(), "Located statements, each with an id"),
        },
        ["cite", "kind", "read", "statements"],
    )
    statement = mapping(
        {
            "at": text("Where in the source it stands"),
            "says": text("What it says, in our own wording"),
            "words": {"type": "integer", "minimum": 1, "description": "How many words of the original it stands for"},
            "digest": text(
                "The SHA-256 of these words", r"^\s*sha256:[0-9a-f]{64}\s*$", "`sha256:` and 64 hexadecimal digits"
            ),
            "note": text("What else to know"),
        },
        ["says"],
        dependencies={"words": ["digest"], "digest": ["words"]},
    )
    return mapping({"sources": own_keys(reference("source"), id_names(), "The publications")}, ["sources"]) | {
        "definitions": {"source": source, "statement": statement}
    }
