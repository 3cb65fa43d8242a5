"""What the proofs found, as text and as JSON, among the other diagnostics of a guideline."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from guidewright.document import Line, Span
from guidewright.engine.assessment import NOTICE
from guidewright.engine.checking.findings import Finding, Findings
from guidewright.engine.outcome import contradicts_itself
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
    everything: bool = False,
) -> tuple[str, str]:
    """The blocks of all that is shown, in order of place, and what stands below the count of them."""
    patients = {diagnostic_of(finding): finding for finding in shown}
    every = ordered((*diagnostics, *patients))
    blocks = [render([d], texts, screen.colour) + _patient(patients.get(d), proved) for d in every]
    rows = _below(shown, proved, screen, everything) if proved is not None else []
    if any(finding.witness is not None for finding in shown):
        rows.append(fitted(NOTICE, screen))
    return "".join(blocks), "".join(f"{row}\n" for row in rows)


def _patient(finding: Finding | None, proved: Findings | None) -> str:
    if finding is None or finding.witness is None or proved is None:
        return ""
    lines = fact_lines(finding.witness.facts) or ["nothing is recorded"]
    but = " (found only where a record contradicts itself)" if contradicts_itself(finding.witness.outcome) else ""
    return "".join(f"      {line}\n" for line in [f"for example, on {proved.as_of}{but}:", *(f"  {x}" for x in lines)])


def _below(shown: Sequence[Finding], proved: Findings, screen: Screen, everything: bool) -> list[str]:
    rows: list[str] = []
    if proved.proved and proved.of_invariants:
        every = counted(proved.of_invariants, "invariants")
        holding = (
            f"{every} proved" if proved.invariants == proved.of_invariants else f"{proved.invariants} of {every} proved"
        )
        rows.append(fitted(f"{holding}, for every patient and every incomplete record", screen))
        rows.append(fitted(f"  assessed on {proved.as_of}", screen))
    hidden = len(proved.found) - len(shown)
    if hidden:
        rows.append(fitted(f"{counted(hidden, 'notes')} not shown (--all shows them)", screen))
    if proved.accepted and not everything:
        reasons = f"{counted(len(proved.accepted), 'findings')} accepted with a reason (--all shows them)"
        return [*rows, fitted(reasons, screen)]
    for finding, acceptance in proved.accepted:
        about = ", ".join(acceptance.about)
        text = escaped(f"accepted {finding.code} about {about}: {acceptance.because}")
        rows += wrapped(Line((Span(text),)), screen, "", "  ")
    return rows


# --- JSON


def findings_json(
    diagnostics: Sequence[Diagnostic], proved: Findings | None, contents: Mapping[str, int]
) -> dict[str, Any]:
    """`proofs` is true where they ran, so that what is not found was looked for, for patients assessed on `as_of`."""
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
        "notice": NOTICE,
        "diagnostics": told,
        "accepted": accepted,
        "proofs": proved is not None and proved.proved,
        "as_of": proved.as_of.isoformat() if proved is not None and proved.proved else None,
        "contents": contents or None,
    }


def _more(finding: Finding, proved: Findings) -> dict[str, Any]:
    witness = finding.witness
    return {
        "about": [*finding.about],
        "undecided": finding.undecided,
        "witness": None if witness is None else {"as_of": proved.as_of.isoformat(), "facts": dict(witness.facts)},
    }
