"""Faults of arguments: those that can never hold, or hold for everyone."""

from __future__ import annotations

from functools import partial

from guidewright.engine.checking.claims import Example, Fault, Faults, Look, Proofs, both, is_meant, is_possible, where
from guidewright.rules.model import Argument


def argument_faults(proofs: Proofs) -> list[Look]:
    return [
        partial(_of_argument, argument, candidate.id, proofs)
        for weighing in proofs.program.weighings
        for candidate in weighing.candidates
        for argument in candidate.arguments
    ]


def _of_argument(argument: Argument, candidate: str, proofs: Proofs) -> Faults:
    truth = proofs.prover.encoding.arguments[argument.id]
    here = where(("", argument.place))
    what = f"the argument `{argument.id}` about `{candidate}`"
    cases = (
        ("GW508", truth.yes, True, "can never hold", "two parts of its condition, or of `applies`, contradict it"),
        ("GW509", truth.no, False, "can never fail to hold", "it tells no patient from another: narrow its condition"),
    )
    for code, wanted, value, says, help in cases:
        example = Example((wanted,), lambda outcome, value=value: outcome.arguments[argument.id] is value)  # type: ignore[misc]
        possible = is_possible(both(is_meant(proofs), example), proofs)
        if possible is False:
            yield Fault(code, f"{what} {says}", (argument.id,), here, help)
        elif possible is None:
            yield Fault(code, f"whether {what} {says}", (argument.id,), here, undecided=True)
