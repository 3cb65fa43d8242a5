"""Faults of the rows of tables and scores: those that are never reached, or can never hold."""

from __future__ import annotations

from functools import partial

from guidewright.engine.checking.claims import (
    Fault,
    Faults,
    Look,
    Proofs,
    both,
    is_false,
    is_meant,
    is_possible,
    is_true,
    may_apply,
    where,
)
from guidewright.rules.model import Fact, Row, Score, Table


def row_faults(proofs: Proofs) -> list[Look]:
    looks: list[Look] = []
    for fact in proofs.program.facts:
        match fact.derivation:
            case Table() as table:
                rows = table.all_rows
                looks += (partial(_of_row, fact, row, rows[:position], proofs) for position, row in enumerate(rows))
            case Score(rows):
                looks += (partial(_of_row, fact, row, (), proofs) for row in rows)
            case _:
                pass
    return looks


def _of_row(fact: Fact, row: Row, earlier: tuple[Row, ...], proofs: Proofs) -> Faults:
    holds = both(is_meant(proofs), may_apply(fact, proofs), is_true(row.when, proofs))
    possible = is_possible(both(holds, *(is_false(other.when, proofs) for other in earlier)), proofs)
    if possible:
        return
    what = f"the row `{row.id}` of `{fact.id}`" if row.id is not None else f"this row of `{fact.id}`"
    about = (fact.id,) if row.id is None else (fact.id, row.id)
    here = where(("", row.place or fact.place))
    if possible is None:
        yield Fault("GW215", f"whether {what} is ever reached", about, here, undecided=True)
        return
    can_hold = is_possible(holds, proofs) if earlier else False
    if can_hold:
        yield Fault(
            "GW215",
            f"{what} is never reached: wherever it holds, an earlier row does",
            about,
            here,
            "rows are read from the top: move it up, or narrow those above it",
            example=holds,
        )
    elif can_hold is None:
        yield Fault("GW215", f"{what} is never reached", about, here)
    else:
        help = "two parts of its `when`, of `only_if`, or of `applies` contradict each other"
        yield Fault("GW215", f"{what} can never hold", about, here, help)
