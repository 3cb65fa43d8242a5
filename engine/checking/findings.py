"""What the proofs find in a guideline: each finding with a stable code, its places, and a smallest patient who shows
it; and which of them the authors accept.

Nothing is called impossible that the solver did not prove; what it could not decide is a finding of its own, GW427.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from guidewright.engine.checking.argument_faults import argument_faults
from guidewright.engine.checking.boundaries import boundary_faults
from guidewright.engine.checking.claim_faults import claim_faults
from guidewright.engine.checking.claims import Example, Fault, Look, Places, Proofs, Severity, both, has_values
from guidewright.engine.checking.idle_parameters import idle_parameters
from guidewright.engine.checking.override_chains import override_chains
from guidewright.engine.checking.pathway_faults import pathway_faults
from guidewright.engine.checking.prohibitions import prohibitions
from guidewright.engine.checking.redundant_parts import redundant_parts
from guidewright.engine.checking.row_faults import row_faults
from guidewright.engine.checking.rule_faults import rule_faults
from guidewright.engine.checking.rule_relations import rule_relations
from guidewright.engine.checking.unused_facts import fact_faults
from guidewright.engine.outcome import contradicts_itself
from guidewright.engine.program import Program
from guidewright.engine.proofs.encoded_facts import truth_of
from guidewright.engine.proofs.witness import Prover, Witness, prover_of, witness
from guidewright.rules.claims import Acceptance
from guidewright.rules.model import Guideline

#: Codes of findings that are seen without a proof.
SEEN = frozenset({"GW216", "GW217"})
_SERIOUS = frozenset({"GW420", "GW421", "GW715", "GW716"})
_BY_PATIENT = frozenset({"GW420", "GW421", "GW426", "GW432", "GW433", "GW434", "GW715", "GW716"})
_UNDECIDED = "GW427"


@dataclass(frozen=True, slots=True, repr=False)
class Finding:
    """`about` are the ids by which it may be accepted; `places` begins with the main one, each says what stands there.
    `witness` is a patient who shows it. `undecided`: neither proved nor refuted in the time that there was, and
    `of` is the code of what it would be.
    """

    code: str
    severity: Severity
    message: str
    about: tuple[str, ...]
    places: Places
    help: str | None = None
    witness: Witness | None = None
    undecided: bool = False
    of: str | None = None


@dataclass(frozen=True, slots=True, repr=False)
class Findings:
    """`accepted` are not shown as findings. `proved`: the proofs ran; `invariants` says how many of the
    guideline's own, `of_invariants`, hold for every incomplete record.
    """

    found: tuple[Finding, ...]
    accepted: tuple[tuple[Finding, Acceptance], ...]
    proved: bool
    as_of: date
    invariants: int = 0
    of_invariants: int = 0


_Named = tuple[str, Look]
Progress = Callable[[str, int, int], None]
"""Told what is looked at, how many looks are done, and of how many: before each one, and when all are done."""


def findings(
    program: Program,
    as_of: date,
    *,
    proofs: bool = True,
    notes: bool = False,
    progress: Progress = lambda what, done, of: None,
    milliseconds: int = 10_000,
) -> Findings:
    """Everything that is found, for patients assessed on `as_of`. Without `proofs` only what is seen without one;
    a note has a patient only with `notes`. Raises `ProverMissing` where z3 is wanted and not installed.
    """
    guideline = program.guideline
    prover = prover_of(program, as_of, milliseconds) if proofs else None

    def is_shown(fault: Fault) -> bool:
        told = (fault.severity == "warning" or notes) and not _acceptances(fault, guideline)
        return told and fault.example is not None and not fault.undecided

    looks = _looks(Proofs(prover)) if prover is not None else []
    faults = [*dict.fromkeys(fact_faults(program)), *_taken(looks, is_shown, progress)]
    found: list[Finding] = []
    accepted: list[tuple[Finding, Acceptance]] = []
    done, of = len(looks), len(looks) + sum(map(is_shown, faults))
    for fault in faults:
        if acceptances := _acceptances(fault, guideline):
            accepted.append((_finding(fault, None), acceptances[0]))
        elif is_shown(fault):
            progress("patients who show it", done, of)
            done += 1
            found.append(_finding(fault, prover))
        else:
            found.append(_finding(fault, None))
    progress("", of, of)
    met = [one for fault in faults for one in _acceptances(fault, guideline)]
    found += (_stale(one) for one in guideline.accept if one not in met and (proofs or one.code in SEEN))
    failing = {fault.about[0] for fault in faults if fault.code == "GW420"}
    holding = len(guideline.invariants.keys() - failing) if proofs else 0
    return Findings(tuple(found), tuple(accepted), proofs, as_of, holding, len(guideline.invariants))


def _taken(looks: Sequence[_Named], is_shown: Callable[[Fault], bool], progress: Progress) -> list[Fault]:
    """Takes the looks. To find the patient who shows a fault is one thing more to do."""
    of = len(looks)
    faults: list[Fault] = []
    for done, (what, look) in enumerate(looks):
        progress(what, done, of)
        found = list(look())
        of += sum(map(is_shown, found))
        faults += found
    return faults


def _looks(proofs: Proofs) -> list[_Named]:
    """Everything that is looked at, in this order, and what that is called while it is."""
    silent: set[str] = set()
    families: tuple[tuple[str, Sequence[Look]], ...] = (
        ("what the guideline claims", claim_faults(proofs)),
        ("rules", rule_faults(proofs, silent)),
        ("rows", row_faults(proofs)),
        ("arguments", argument_faults(proofs)),
        ("ways", pathway_faults(proofs, silent)),
        ("rules beside each other", rule_relations(proofs, silent)),
        ("prohibitions", prohibitions(proofs, silent)),
        ("chains of overriding", override_chains(proofs, silent)),
        ("limits", boundary_faults(proofs)),
        ("parts of conditions", redundant_parts(proofs)),
        ("parameters", idle_parameters(proofs)),
    )
    return [(what, look) for what, looks in families for look in looks]


def _finding(fault: Fault, prover: Prover | None) -> Finding:
    """`prover`: who finds the patient who shows it."""
    shown: Witness | None = None
    if prover is not None and fault.example is not None:
        shown = _shown(fault.example, prover)
        if shown is None and fault.code in _BY_PATIENT:
            # What no patient shows is not said.
            fault = replace(fault, undecided=True, message=f"whether {fault.message}")
    plain = Finding(fault.code, fault.severity, fault.message, fault.about, fault.places, fault.help, shown)
    if not fault.undecided:
        return plain
    return replace(
        plain,
        code=_UNDECIDED,
        severity="warning" if fault.code in _SERIOUS else "note",
        message=f"it could not be decided {fault.message}",
        help=None,
        undecided=True,
        of=fault.code,
    )


def _shown(example: Example, prover: Prover) -> Witness | None:
    """A small patient: where it can be, one of whom nothing is denied that everyone has, and whose record does not
    contradict itself.
    """
    plain, sound = both(example, has_values(prover.encoding.records, prover)), _consistent(prover)
    contradictory: Witness | None = None
    for kind, smallest in ((plain, True), (both(plain, sound), True), (example, True), (example, False)):
        found = witness(prover, kind.wanted, kind.holds, smallest=smallest)
        if isinstance(found, Witness):
            if not contradicts_itself(found.outcome):
                return found
            contradictory = contradictory or found
    return contradictory


def _consistent(prover: Prover) -> Example:
    """Patients of whom nothing is recorded that follows from the rest, nor of what does not apply."""
    encoding = prover.encoding
    wanted = [-encoding.records[id].there for id in encoding.meetings]
    for fact in encoding.program.facts:
        if fact.only_if is not None:
            applies = truth_of(fact.only_if, encoding.states, encoding.shapes, encoding.nodes)
            wanted.append(-encoding.nodes.all((encoding.records[fact.id].there, applies.no)))
    return Example(tuple(wanted), lambda outcome: not contradicts_itself(outcome), beyond=True)


def _acceptances(fault: Fault, guideline: Guideline) -> list[Acceptance]:
    return [one for one in guideline.accept if _is_accepted(fault, one)]


def _is_accepted(fault: Fault, acceptance: Acceptance) -> bool:
    """Where it could not be decided this time whether there is something to accept, it stays accepted."""
    codes = {fault.code, _UNDECIDED} if fault.undecided else {fault.code}
    return acceptance.code in codes and frozenset(acceptance.about) == frozenset(fault.about)


def _stale(acceptance: Acceptance) -> Finding:
    named = ", ".join(f"`{id}`" for id in acceptance.about)
    return Finding(
        code="GW428",
        severity="warning",
        message=f"nothing is found any more with the code {acceptance.code} about {named}, and this accepts it",
        about=acceptance.about,
        places=(("", acceptance.place),) if acceptance.place is not None else (),
        help="leave it out, or name all that the finding is about, and nothing else",
    )
