"""Writes the parts of a guideline's README that follow from its files: `make docs`. The rest of the page is the
author's.
"""

from __future__ import annotations

import re
from pathlib import Path

from guidewright.rules.load import load_guideline
from guidewright.rules.model import Guideline

ROOT = Path(__file__).parent.parent
BEGIN, END = "<!-- made by `make docs`: {} -->", "<!-- end -->"


def sign_off_list(guideline: Guideline) -> str:
    """The rules that need a clinician's signature before use, page by page."""
    lines: list[str] = []
    for stage in guideline.stages:
        waiting = [rule for rule in guideline.rules.values() if rule.stage == stage.id and rule.signoff]
        if waiting:
            lines += ["", f"**{stage.title}**", ""]
            lines += [f"- {rule.id}: {rule.text}" for rule in waiting]
    total = sum(rule.signoff for rule in guideline.rules.values())
    return "\n".join([f"{total} of {len(guideline.rules)} rules wait for a clinician's signature.", *lines])


def parameter_table(guideline: Guideline) -> str:
    """The numbers that a hospital may adapt."""
    rows = [f"| `{p.id}` | {p.written} | {p.label} |" for p in guideline.parameters.values()]
    return "\n".join(["| parameter | value | meaning |", "|---|---|---|", *rows])


PARTS = {"sign-off": sign_off_list, "parameters": parameter_table}


def renewed(page: str, guideline: Guideline) -> str:
    """The page with its made parts as the guideline now is."""
    for name, make in PARTS.items():
        begin = re.escape(BEGIN.format(name))
        found = re.search(f"({begin}\n).*?({re.escape(END)})", page, re.DOTALL)
        if found:
            page = page[: found.end(1)] + "\n" + make(guideline) + "\n\n" + page[found.start(2) :]
    return page


def main() -> None:
    for path in sorted((ROOT / "guidelines").glob("*/README.md")):
        guideline = load_guideline(path.parent).guideline
        if guideline is not None:
            path.write_text(renewed(path.read_text(encoding="utf-8"), guideline), encoding="utf-8")
            print(f"renewed {path.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
