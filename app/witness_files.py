"""Made-up patients who show findings, as patient files."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from shlex import quote
from typing import Any

from guidewright.engine.assessment import NOTICE
from guidewright.engine.checking.findings import Finding, Findings
from guidewright.engine.outcome import contradicts_itself
from guidewright.engine.proofs.witness import Witness
from guidewright.output_files import free_name, write_again
from guidewright.rules.display import escaped

_OURS = "# made by guidewright check"
_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")
_WORDS = frozenset({"true", "false", "null", "yes", "no", "on", "off", "y", "n"})


def write_witnesses(findings: Findings, guideline: str, folder: Path) -> int:
    """Writes a file for each finding that has a patient, as `GW420-I-05.yaml`, and says how many. One of an earlier run
    is replaced; raises `Refused` where a file of another origin has the name. A missing folder is made.
    """
    contents = {folder / name: text.encode() for name, text in _files(findings, guideline, folder)}
    write_again(contents, folder, "--witness", _OURS)
    return len(contents)


def _files(findings: Findings, guideline: str, folder: Path) -> Iterator[tuple[str, str]]:
    taken: set[str] = set()
    for finding in findings.found:
        if finding.witness is not None:
            name = free_name("-".join((finding.code, *finding.about)), taken)
            yield (
                f"{name}.yaml",
                _text(finding, finding.witness, name, _command(folder / f"{name}.yaml", guideline), findings),
            )


def _command(file: Path, guideline: str) -> str:
    """What shows the finding, in the folder in which `check` ran. The copy of a guideline has the id of the guideline
    that ships, so it has to be named.
    """
    return f"guidewright evaluate {quote(escaped(str(file)))} --guideline {quote(escaped(guideline))}"


def _text(finding: Finding, witness: Witness, name: str, command: str, findings: Findings) -> str:
    lines = [
        f"{_OURS}: no real patient, but a small one found for",
        f"# {finding.code} {escaped(finding.message)}",
        *(["# The record contradicts itself; no other was found."] if contradicts_itself(witness.outcome) else []),
        f"# To see it, where `check` ran: {command}",
        f"# {NOTICE}",
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
