"""The report on sources and their texts as JSON. Its field names are a public interface, versioned by `SCHEMA`."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from guidewright.rules.anchored import Passage, Searched, Stale
from guidewright.rules.model import Guideline, Source, Statement
from guidewright.rules.source_text import Sentence, SourceText
from guidewright.rules.source_use import Uses, unused

SCHEMA = "guidewright/sources/1"


@dataclass(frozen=True, slots=True)
class Compared:
    """A source compared with the text in a file."""

    searched: Searched
    file: str


def sources_json(guideline: Guideline, found: dict[str, Any]) -> str:
    head = {name: getattr(guideline, name) for name in ("id", "title", "version", "status", "digest")}
    # Control characters and marks of direction may stand in a text: escaped, they stay data wherever this is shown.
    return json.dumps({"schema": SCHEMA, "guideline": head, **found}, ensure_ascii=True, indent=2) + "\n"


def source_json(source: Source, uses: Uses) -> dict[str, Any]:
    statements = [_statement_json(source, statement, uses) for statement in source.statements.values()]
    about = {"id": source.id, "cite": source.cite, "kind": source.kind, "read": source.read, "url": source.url}
    return {**about, "statements": statements}


def _statement_json(source: Source, statement: Statement, uses: Uses) -> dict[str, Any]:
    named = uses[f"{source.id}.{statement.id}"]
    return {
        "statement": f"{source.id}.{statement.id}",
        "at": statement.at,
        "says": statement.says,
        "anchored": statement.digest is not None,
        "supports": [{"kind": use.kind, "id": use.id} for use in named if not use.against],
        "against": [{"kind": use.kind, "id": use.id} for use in named if use.against],
    }


def compared_json(compared: Compared, uses: Uses) -> dict[str, Any]:
    searched = compared.searched
    source, text = searched.source, searched.text
    return {
        "source": source.id,
        # A file name may hold bytes that are no text; JSON cannot.
        "file": compared.file.encode("utf-8", "backslashreplace").decode("utf-8"),
        "words": len(text.words),
        "anchored": searched.anchored,
        "found": [
            {**_statement_json(source, found.statement, uses), **_place_json(text, found.passage)}
            for found in searched.found
        ],
        "stale": [
            {**_statement_json(source, stale.statement, uses), "near": _near_json(text, stale)}
            for stale in searched.stale
        ],
        "unanchored": [f"{source.id}.{statement.id}" for statement in searched.unanchored],
        "unused": list(unused((source,), uses)),
        # Without an anchor there is nothing that could cover a sentence.
        "sentences": searched.sentences if searched.anchored else None,
        "uncovered": [_place_json(text, piece) for piece in searched.uncovered] if searched.anchored else None,
        "set_aside": [{"as": piece.kind, **_place_json(text, piece)} for piece in searched.aside]
        if searched.anchored
        else None,
    }


def _near_json(text: SourceText, stale: Stale) -> dict[str, Any] | None:
    near = stale.near
    if near is None:
        return None
    edit = None if near.edit is None else {"was": near.edit.was, "now": near.edit.now}
    return {**_place_json(text, near.passage), "between_neighbours": near.between, "one_word": edit}


def _place_json(text: SourceText, place: Passage | Sentence) -> dict[str, Any]:
    first, last = text.lines_of(place.first, place.last)
    return {"first_line": first, "last_line": last, "text": passage_text(text, place)}


def passage_text(text: SourceText, place: Passage | Sentence) -> str:
    """The original's words with single blanks between them."""
    return " ".join(text.text[text.starts[place.first] : text.ends[place.last - 1]].split())
