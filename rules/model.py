"""The checked guideline: what an author wrote, as immutable data that every engine and picture reads."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal as OneWordOf

from guidewright.rules.claims import Acceptance, Exclusive, Invariant
from guidewright.rules.conditions import ALWAYS, Condition
from guidewright.rules.diagnostics import Place
from guidewright.rules.formulas import Expression
from guidewright.rules.units import Unit
from guidewright.rules.values import Number, Span, Value

# --- facts


@dataclass(frozen=True, slots=True)
class Option:
    """One value of a choice. `may_be` lists the precise values that an imprecise one stands for."""

    id: str
    label: str
    may_be: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class BooleanType:
    pass


@dataclass(frozen=True, slots=True)
class IntegerType:
    range: Span


@dataclass(frozen=True, slots=True)
class QuantityType:
    """A number in `unit` (UCUM); every value and literal of the fact is held in this unit."""

    unit: Unit
    range: Span


@dataclass(frozen=True, slots=True)
class ChoiceType:
    """One of `options`; with `ordered` they ascend as written, and may be compared."""

    options: tuple[Option, ...]
    ordered: bool = False


@dataclass(frozen=True, slots=True)
class ChoicesType:
    """A set of `options`."""

    options: tuple[Option, ...]


@dataclass(frozen=True, slots=True)
class DateType:
    """A day; not after `as_of` unless `future`."""

    future: bool = False


@dataclass(frozen=True, slots=True)
class TextType:
    """Shown, never tested."""


FactType = BooleanType | IntegerType | QuantityType | ChoiceType | ChoicesType | DateType | TextType


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a table (`value` or `formula`) or of a score (`points`). A row with an `id` is a rule of the answer."""

    when: Condition
    id: str | None = None
    value: Value | None = None
    formula: Expression | None = None
    points: Number | None = None
    text: str | None = None
    evidence: Evidence | None = None
    place: Place | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Formula:
    """`empirical`: a published equation that takes each quantity as its number in its declared unit."""

    expression: Expression
    text: str
    empirical: bool = False


@dataclass(frozen=True, slots=True)
class Holds:
    condition: Condition


@dataclass(frozen=True, slots=True)
class Table:
    """The first row that holds gives the value; where none holds, `otherwise`, or there is no such value."""

    rows: tuple[Row, ...]
    otherwise: Row | None = None
    empirical: bool = False

    @property
    def all_rows(self) -> tuple[Row, ...]:
        """The rows with `otherwise` behind them, whose condition always holds."""
        return self.rows if self.otherwise is None else (*self.rows, self.otherwise)


@dataclass(frozen=True, slots=True)
class Score:
    """The sum of the points of the rows that hold."""

    rows: tuple[Row, ...]


Derivation = Formula | Holds | Table | Score


@dataclass(frozen=True, slots=True)
class Code:
    system: str
    code: str


@dataclass(frozen=True, slots=True)
class Fact:
    """Something that may be recorded about a patient, or follows from it. `tolerance` is in the unit of the fact
    (days for a date). `fixed`: what is so cannot be changed any more; it may still become known.
    """

    id: str
    label: str
    type: FactType
    question: str | None = None
    note: str | None = None
    only_if: Condition | None = None
    derivation: Derivation | None = None
    tolerance: Number | None = None
    codes: tuple[Code, ...] = ()
    fixed: bool = False
    place: Place | None = field(default=None, compare=False, repr=False)


# --- rules


@dataclass(frozen=True, slots=True)
class Evidence:
    """What grades and supports a rule, a row, an argument or a parameter. `because` and `although` name
    statements, `source.STATEMENT`.
    """

    strength: str | None = None
    certainty: str | None = None
    because: tuple[str, ...] = ()
    although: tuple[str, ...] = ()
    expert: bool = False


RuleKind = OneWordOf["do", "avoid", "consider", "flag", "inform", "ask"]
RULE_KINDS: tuple[RuleKind, ...] = ("do", "avoid", "consider", "flag", "inform", "ask")


@dataclass(frozen=True, slots=True)
class Duration:
    """A calendar span: a number of `mo`, `a`, `d` or `wk`."""

    number: Number
    unit: str


@dataclass(frozen=True, slots=True)
class Timing:
    """When to do something: `every` between two durations (or `once` between them), counted from a date fact, from
    `after` until `until`.
    """

    every: tuple[Duration, Duration] | None
    once: tuple[Duration, Duration] | None
    start: str | None
    after: Duration | None
    until: Duration | None


#: Characters that a text for a box may have.
SHORT_LIMIT = 60


@dataclass(frozen=True, slots=True)
class Rule:
    """`short` says in few words what `text` says, for the box of a flowchart; that of an `avoid` goes on from the
    words DO NOT.
    """

    id: str
    kind: RuleKind
    text: str
    stage: str
    when: Condition
    unless: Condition | None = None
    asks: tuple[str, ...] = ()
    timing: Timing | None = None
    acts: tuple[str, ...] = ()
    stops: tuple[str, ...] = ()
    despite: tuple[str, ...] = ()
    overrides: tuple[str, ...] = ()
    evidence: Evidence = field(default_factory=Evidence)
    except_: str | None = None
    note: str | None = None
    signoff: bool = False
    short: str | None = None
    place: Place | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Action:
    id: str
    label: str
    part_of: str | None = None


# --- weighing


@dataclass(frozen=True, slots=True)
class Argument:
    """Speaks for (`weight` > 0) or against (`weight` < 0) a candidate, or decides it (`confirms`, `excludes`: then
    `weight` is 0).
    """

    id: str
    says: str
    when: Condition
    unless: Condition | None = None
    weight: Number = 0
    confirms: bool = False
    excludes: bool = False
    evidence: Evidence = field(default_factory=Evidence)
    place: Place | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Candidate:
    id: str
    label: str
    arguments: tuple[Argument, ...]


@dataclass(frozen=True, slots=True)
class Weighing:
    id: str
    question: str
    stage: str
    candidates: tuple[Candidate, ...]
    place: Place | None = field(default=None, compare=False, repr=False)


# --- pathways


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer of a decision: by its condition, or the last one, `otherwise` (all others are false) or `assumed`
    (none is true).
    """

    text: str
    go: str
    when: Condition = ALWAYS
    last: OneWordOf["otherwise", "assumed"] | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """A box of a flowchart: a state or action (`title`), a decision, a weighing, a choice of options, a link or an
    end.
    """

    id: str
    kind: OneWordOf["box", "decision", "weigh", "choose", "link", "end"]
    text: str
    box: int
    rules: tuple[str, ...] = ()
    answers: tuple[Answer, ...] = ()
    go: str | None = None
    weigh: str | None = None
    link: str | None = None
    place: Place | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage is one flowchart page. Its rules are in the guideline's `rules`; `beside` are those that stand on no
    step.
    """

    id: str
    title: str
    steps: tuple[Step, ...] = ()
    beside: tuple[str, ...] = ()


# --- sources


SourceKind = OneWordOf["guideline", "consensus", "trial", "series", "review", "case-report", "expert"]
ReadAs = OneWordOf["full-text", "abstract", "secondary", "not-read"]


@dataclass(frozen=True, slots=True)
class Statement:
    """A located statement in our own wording; `words` and `digest` anchor it in the original without reprinting it."""

    id: str
    says: str
    at: str | None = None
    words: int | None = None
    digest: str | None = None
    place: Place | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Source:
    id: str
    cite: str
    kind: SourceKind
    read: ReadAs
    statements: Mapping[str, Statement]
    url: str | None = None
    place: Place | None = field(default=None, compare=False, repr=False)


# --- the whole


@dataclass(frozen=True, slots=True)
class Parameter:
    """A value that a hospital may adapt in one place. `written` is the author's text, used in sentences. `told_by`:
    the ids of the facts, rows, rules, weighings, arguments and steps (`stage/step`) of which a text or a value names
    it; nothing where only conditions and claims do.
    """

    id: str
    label: str
    written: str
    evidence: Evidence = field(default_factory=Evidence)
    told_by: tuple[str, ...] = ()
    place: Place | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Grade:
    id: str
    label: str
    means: str | None = None


@dataclass(frozen=True, slots=True)
class Guideline:
    """A checked guideline. `strengths` and `certainties` are listed from the highest; `digest` covers every file
    but the cases; `date` is the day of this version.
    """

    id: str
    title: str
    version: str
    status: str
    language: str
    digest: str
    strengths: tuple[Grade, ...]
    certainties: tuple[Grade, ...]
    actions: Mapping[str, Action]
    parameters: Mapping[str, Parameter]
    facts: Mapping[str, Fact]
    sources: Mapping[str, Source]
    stages: tuple[Stage, ...]
    rules: Mapping[str, Rule]
    weighings: Mapping[str, Weighing]
    applies: Condition = ALWAYS
    scope: str | None = None
    use: str | None = None
    misuse: str | None = None
    date: datetime.date | None = None
    invariants: Mapping[str, Invariant] = field(default_factory=dict)
    exclusive: tuple[Exclusive, ...] = ()
    accept: tuple[Acceptance, ...] = ()
