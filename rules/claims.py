"""What a guideline claims of itself, and which findings its authors accept."""

from __future__ import annotations

from dataclasses import dataclass, field

from guidewright.rules.conditions import ALWAYS, Condition
from guidewright.rules.diagnostics import Place


@dataclass(frozen=True, slots=True)
class Invariant:
    """What is claimed for every patient and every incomplete record for whom `applies` is not false, `when` is true and
    `unless` is not true (false or open).

    `never_fires`: none of these rules has the status `fired`. `never_acts`: no fired `do` or `consider` acts on one of
    these actions, or on a part of it. `never_together`: of each group no two rules are fired. `one_fires`: at least one
    of these rules is fired.
    """

    id: str
    says: str
    when: Condition = ALWAYS
    unless: Condition | None = None
    never_fires: tuple[str, ...] = ()
    never_acts: tuple[str, ...] = ()
    never_together: tuple[tuple[str, ...], ...] = ()
    one_fires: tuple[str, ...] = ()
    place: Place | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Exclusive:
    """What excludes each other for one patient: no two of these rules are fired, and no two rules are fired that act on
    two of these actions, or on parts of them. One rule that names two of them offers a choice, which is no fault.
    """

    says: str
    rules: tuple[str, ...] = ()
    acts: tuple[str, ...] = ()
    place: Place | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Acceptance:
    """A finding that the authors know of and leave as it is: its diagnostic code, what it is about (rules, rows,
    arguments, weighings, facts, parameters, actions, invariants, stages, and steps as `stage/step`), and why. `place`
    is that of the code.
    """

    code: str
    about: tuple[str, ...]
    because: str
    place: Place | None = field(default=None, compare=False, repr=False)
