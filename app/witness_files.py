"""Made-up patients who show findings, as patient files."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from guidewright.engine.checking.findings import Finding, Findings
from guidewright.engine.proofs.witness import Witness
from guidewright.output import Refused
from guidewright.output_files import write_files
from guidewright.rules.display import escaped, quoted

_OURS = "# made by guidewright check"
_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")
_WORDS = frozenset({"true", "false", "null", "yes", "no", "on", "off", "y", "n"})
_LONGEST = 100  # characters of a file's name


def write_witnesses(findings: Findings, guideline: str, folder: Path) -> None:
    """A file for each finding that has a patient, as `GW420-I-05.yaml`. One of an earlier run is replaced; raises
    `Refused` where a file of another origin has the name. A folder that is missing is made.
    """
    contents = {folder / name: text.encode() for name, text in _files(findings, guideline)}
    for path in contents:
        if path.exists() and not _is_ours(path):
            raise Refused(f"{quoted(str(path), 200)} is not one of ours, and is not replaced; name another folder")
    write_files(contents, folder)


def _is_ours(path: Path) -> bool:
    try:
        with open(path, encoding="utf-8", errors="replace") as stream:
            return stream.readline().startswith(_OURS)
    except OSError:
        return False


def _files(findings: Findings, guideline: str) -> Iterator[tuple[str, str]]:
    taken: dict[str, int] = {}
    for finding in findings.found:
        if finding.witness is None:
            continue
        name = re.sub(r"[^A-Za-z0-9_.-]", "-", "-".join((finding.code, *finding.about)))[:_LONGEST]
        taken[name] = taken.get(name, 0) + 1
        name = name if taken[name] == 1 else f"{name}.{taken[name]}"
        yield f"{name}.yaml", _text(finding, finding.witness, name, guideline, findings)


def _text(finding: Finding, witness: Witness, name: str, guideline: str, findings: Findings) -> str:
    lines = [
        f"{_OURS}: no real patient, but the smallest one found for",
        f"# {finding.code} {escaped(finding.message)}",
        f"# To see it: guidewright evaluate {name}.yaml --guideline {escaped(guideline)}",
        f"patient: {name}",
        f"as_of: {findings.as_of.isoformat()}",
    ]
    facts = fact_lines(witness.facts)
    lines += ["facts:", *(f"  {line}" for line in facts)] if facts else ["facts: {}"]
    return "".join(f"{line}\n" for line in lines)


def fact_lines(facts: Mapping[str, Any]) -> list[str]:
    """The facts, each as a line of a patient file."""
    return [f"{id}: {yaml_value(value)}" for id, value in facts.items()]


def yaml_value(value: Any) -> str:
    """What a patient file or a case says, on one line."""
    match value:
        case str() if _PLAIN.fullmatch(value) and value.casefold() not in _WORDS:
            return value
        case list():
            return f"[{', '.join(map(yaml_value, value))}]"
        case dict():
            return f"{{{', '.join(f'{key}: {yaml_value(inside)}' for key, inside in value.items())}}}"
        case _:
            return json.dumps(value, ensure_ascii=False)
