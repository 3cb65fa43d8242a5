"""What the proofs found, as text and as JSON, among the other diagnostics of a guideline."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from guidewright.document import Line, Span
from guidewright.engine.checking.findings import Finding, Findings
from guidewright.layout import Screen, fitted, wrapped
from guidewright.output import counted
from guidewright.rules.diagnostics import Diagnostic, Place, ordered, render, to_json
from guidewright.rules.display import escaped
from guidewright.witness_files import fact_lines


def diagnostic_of(finding: Finding) -> Diagnostic:
    """The finding as every other tool shows its own."""
    place = finding.places[0][1] if finding.places else Place.of_file("guideline.yaml")
    related = tuple((text or "this says so", other) for text, other in finding.places[1:])
    return Diagnostic(finding.code, finding.severity, finding.message, place, finding.help, related)


def is_shown(finding: Finding, everything: bool) -> bool:
    """Whether a text shows it: notes only where all are wanted, but never keeping silent about what is undecided."""
    return everything or finding.severity == "warning" or finding.undecided


# --- text


def findings_text(
    diagnostics: Iterable[Diagnostic],
    shown: Sequence[Finding],
    proved: Findings | None,
    texts: Mapping[str, str],
    screen: Screen,
) -> tuple[str, str]:
    """The blocks of all that is shown, in order of place, and what stands below the count of them."""
    patients = {diagnostic_of(finding): finding for finding in shown}
    every = ordered((*diagnostics, *patients))
    blocks = [render([d], texts, screen.colour) + _patient(patients.get(d), proved) for d in every]
    return "".join(blocks), "".join(f"{row}\n" for row in _below(shown, proved, screen)) if proved is not None else ""


def _patient(finding: Finding | None, proved: Findings | None) -> str:
    if finding is None or finding.witness is None or proved is None:
        return ""
    lines = fact_lines(finding.witness.facts) or ["nothing is recorded"]
    return "".join(f"      {line}\n" for line in [f"for example, on {proved.as_of}:", *(f"  {x}" for x in lines)])


def _below(shown: Sequence[Finding], proved: Findings, screen: Screen) -> list[str]:
    rows: list[str] = []
    if proved.proved and proved.of_invariants:
        every = counted(proved.of_invariants, "invariants")
        holding = (
            f"{every} proved" if proved.invariants == proved.of_invariants else f"{proved.invariants} of {every} proved"
        )
        rows.append(fitted(f"{holding}, for every patient and every incomplete record", screen))
    hidden = len(proved.found) - len(shown)
    if hidden:
        rows.append(fitted(f"{counted(hidden, 'notes')} not shown (--all shows them)", screen))
    for finding, acceptance in proved.accepted:
        about = ", ".join(acceptance.about)
        text = escaped(f"accepted {finding.code} about {about}: {acceptance.because}")
        rows += wrapped(Line((Span(text),)), screen, "", "  ")
    return rows


# --- JSON


def findings_json(
    diagnostics: Sequence[Diagnostic], proved: Findings | None, contents: Mapping[str, int]
) -> dict[str, Any]:
    """`proofs` is true where they ran, so that what is not found was looked for."""
    found = {diagnostic_of(finding): finding for finding in proved.found} if proved is not None else {}
    every = ordered((*diagnostics, *found))
    told = [
        plain | (_more(found[d], proved) if d in found and proved is not None else {})
        for d, plain in zip(every, to_json(every), strict=True)
    ]
    accepted = [
        to_json([diagnostic_of(finding)])[0] | {"about": [*finding.about], "because": escaped(acceptance.because)}
        for finding, acceptance in (proved.accepted if proved is not None else ())
    ]
    return {
        "diagnostics": told,
        "accepted": accepted,
        "proofs": proved is not None and proved.proved,
        "contents": contents or None,
    }


def _more(finding: Finding, proved: Findings) -> dict[str, Any]:
    witness = finding.witness
    return {
        "about": [*finding.about],
        "undecided": finding.undecided,
        "witness": None if witness is None else {"as_of": proved.as_of.isoformat(), "facts": dict(witness.facts)},
    }
