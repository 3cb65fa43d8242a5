"""A case as the text of its file."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import fields
from datetime import date
from typing import Any

from guidewright.rules.cases import Expected
from guidewright.rules.display import escaped
from guidewright.witness_files import fact_lines, yaml_value

_WIDEST = 118  # characters of a line


def case_text(
    id: str, why: str, as_of: date, facts: Mapping[str, Any], expected: Expected, comment: Sequence[str] = ()
) -> str:
    """The YAML of a case, which reads back as this one. `facts` are those of a patient file, dotted; `comment` are
    lines that stand above it.
    """
    recorded = fact_lines(facts)
    lines = [
        *(f"# {escaped(line)}".rstrip() for line in comment),
        f"case: {yaml_value(id)}",
        *_why_lines(why),
        f"as_of: {as_of.isoformat()}",
        *(["facts:", *_indented(recorded)] if recorded else ["facts: {}"]),
        *_expect_lines(expected),
    ]
    return "".join(f"{line}\n" for line in lines)


def _why_lines(why: str) -> list[str]:
    text = " ".join(escaped(why).split())
    quoted = f"why: {yaml_value(text)}"
    if len(quoted) <= _WIDEST:
        return [quoted]
    return ["why: >-", *_indented(textwrap.wrap(text, _WIDEST - 2, break_long_words=False, break_on_hyphens=False))]


def _expect_lines(expected: Expected) -> list[str]:
    said = [
        line
        for field in fields(expected)
        if field.name != "leading" and (ids := getattr(expected, field.name))
        for line in _list_lines(field.name, ids)
    ]
    if expected.leading:
        said += [
            "leading:",
            *_indented([line for id, led in expected.leading.items() for line in _list_lines(id, led)]),
        ]
    return ["expect:", *_indented(said)] if said else ["expect: {}"]


def _list_lines(key: str, ids: Sequence[str]) -> list[str]:
    """A list on one line, or where it is long, on as many as it needs."""
    line = f"{key}: {yaml_value([*ids])}"
    if len(line) <= _WIDEST - 4:
        return [line]
    every = ", ".join(map(yaml_value, ids))
    rows = textwrap.wrap(every, _WIDEST - 6, break_long_words=False, break_on_hyphens=False)
    return [f"{key}: [", *_indented(rows), "]"]


def _indented(lines: Sequence[str]) -> list[str]:
    return [f"  {line}" for line in lines]
