"""Plants a hundred faults in the shipped guidelines, one at a time, and writes into docs/planted-faults.md who finds
them: `make faults`. It takes half an hour.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from guidewright.case_files import case_files, read_cases
from guidewright.engine.cases.mutating import Change, Suite, changes_in, noticed_by, suite_of
from guidewright.engine.cases.mutations import KINDS, Mutation, mutations_of, sample
from guidewright.engine.checking.findings import Finding, findings
from guidewright.engine.comparing.differences import comparison_of
from guidewright.engine.plan import plan_of
from guidewright.engine.program import Program, program_of
from guidewright.markdown_answer import markdown_text
from guidewright.rules.display import escaped
from guidewright.rules.load import load_guideline
from guidewright.rules.model import Guideline

ROOT = Path(__file__).parent.parent
PLANTED = {"curb-65": 50, "retroperitoneal-leiomyosarcoma": 50}

_INTRODUCTION = """\
# A hundred planted faults

How much of what an author may get wrong is found? In each guideline that ships so many small faults were planted, one
at a time: a sample of all mutations that `guidewright test --mutate` knows, of every kind about as many and of each
kind from as many rules as can be. `make faults` plants them again. Each was held against all that may find it:

- the **cases** of the guideline: one of them fails (`guidewright test`);
- **check**: `guidewright check` reports something that it does not report of the guideline as it is, without knowing
  that. A *note* is shown with `--all`;
- **diff**: `guidewright diff`, which knows the guideline as it was, shows a patient who gets another answer. It finds
  whatever changes a rule, a row, an argument, a value or a way for anybody; who looks at the patient must see that it
  is wrong. *Only shown*: what changes is a value that no rule asks for;
- **harmless**: it is proved that nobody gets another answer, so there is nothing to find.

The sample is spread over the kinds and not over what authors really get wrong: the numbers compare who finds what, and
estimate nothing else.
"""


@dataclass(frozen=True, slots=True)
class Planted:
    """A fault, and who finds it: the first case that fails, the codes of the new findings of `check`, and what a
    comparison with the guideline as it was gives.
    """

    mutation: Mutation
    case: str | None
    warnings: tuple[str, ...]
    notes: tuple[str, ...]
    compared: Change | Literal["harmless", "undecided"]

    @property
    def diff(self) -> bool:
        return isinstance(self.compared, Change)

    @property
    def only_shown(self) -> bool:
        return isinstance(self.compared, Change) and self.compared.what == "fact"

    @property
    def by_nobody(self) -> bool:
        """Neither found nor proved harmless."""
        return not (self.case or self.warnings or self.notes or self.diff or self.compared == "harmless")


def planted_in(id: str, number: int) -> tuple[Guideline, list[Planted]]:
    """The guideline as it is, and its planted faults with who finds each."""
    folder = ROOT / "guidelines" / id
    guideline = load_guideline(folder).guideline
    assert guideline is not None
    assert guideline.date is not None
    cases = [read.case for _, read in read_cases(case_files(folder), guideline) if read.case is not None]
    suite = suite_of(plan_of(guideline), cases, guideline.date, 10_000)
    known = {_named(finding) for finding in findings(suite.plan.program, suite.as_of).found}
    found: list[Planted] = []
    begin = time.monotonic()
    for mutation in sample(mutations_of(guideline), number):
        found.append(_planted(mutation, suite, known))
        print(f"{id}: {len(found)} of {number}, {time.monotonic() - begin:.0f} s", file=sys.stderr)
    return guideline, found


def _planted(mutation: Mutation, suite: Suite, known: set[tuple[str, frozenset[str]]]) -> Planted:
    program = program_of(mutation.guideline)
    new = [one for one in findings(program, suite.as_of).found if _named(one) not in known and not one.undecided]
    return Planted(
        mutation=mutation,
        case=noticed_by(mutation, suite),
        warnings=_codes([finding for finding in new if finding.severity == "warning"]),
        notes=_codes([finding for finding in new if finding.severity == "note"]),
        compared=_compared(mutation, program, suite),
    )


def _named(finding: Finding) -> tuple[str, frozenset[str]]:
    return finding.code, frozenset(finding.about)


def _codes(found: Sequence[Finding]) -> tuple[str, ...]:
    return tuple(sorted({finding.code for finding in found}))


def _compared(mutation: Mutation, program: Program, suite: Suite) -> Change | Literal["harmless", "undecided"]:
    """The first change for a patient; `harmless` where it is proved that there is none."""
    undecided = False
    for change in changes_in(mutation, comparison_of(suite.plan.program, program, suite.as_of, suite.milliseconds)):
        if isinstance(change, Change):
            return change
        undecided = True
    return "undecided" if undecided else "harmless"


# --- the page


def page(planted: Sequence[tuple[Guideline, Sequence[Planted]]]) -> str:
    every = [one for _, found in planted for one in found]
    rows = [_INTRODUCTION, *_summary(every), "## By kind", "", *_table(every)]
    for guideline, found in planted:
        rows += [f"## {markdown_text(guideline.title)}", ""]
        rows += [f"`{guideline.id}` {guideline.version}, `{guideline.digest[:23]}`.", "", *_list(found)]
    return "\n".join(rows)


def _summary(every: Sequence[Planted]) -> Iterator[str]:
    harmful = [one for one in every if one.compared != "harmless"]
    by_case = sum(one.case is not None for one in harmful)
    by_check = sum(bool(one.warnings) for one in harmful)
    by_note = sum(bool(one.notes) and not one.warnings for one in harmful)
    without_case = sum(bool(one.warnings or one.notes) for one in harmful if one.case is None)
    without_old = sum(bool(one.case or one.warnings or one.notes) for one in harmful)
    yield f"Of {len(every)} faults {len(every) - len(harmful)} are harmless: proved. Of the other {len(harmful)}"
    yield ""
    yield f"- {by_case} are noticed by the cases,"
    yield f"- {by_check} by a warning of `check`, and {by_note} more by a note,"
    yield f"- {without_old} by the cases or `check`, {without_case} of them by `check` alone,"
    shown = sum(one.only_shown for one in harmful)
    yield f"- {sum(one.diff for one in harmful)} by `diff`, with a patient; with {shown} of them only a value that is"
    yield "  shown changes."
    yield ""
    undecided = sum(one.compared == "undecided" for one in every)
    yield f"With {undecided} it is not decided whether anything changes for a patient."
    yield f"Found by nobody: {sum(one.by_nobody for one in every)}."
    yield ""


_HEADER = (
    "Kind",
    "Planted",
    "Cases",
    "check",
    "check, a note",
    "Cases or check",
    "diff",
    "Only shown",
    "Harmless",
    "Undecided",
)


def _table(every: Sequence[Planted]) -> Iterator[str]:
    yield f"| {' | '.join(_HEADER)} |"
    yield f"|:--{'|--:' * (len(_HEADER) - 1)}|"
    for kind in KINDS:
        of_kind = [one for one in every if one.mutation.kind == kind]
        if of_kind:
            yield f"| {' | '.join((kind, *_counts(of_kind)))} |"
    yield f"| {' | '.join(('**all**', *_counts(every)))} |"
    yield ""


def _counts(every: Sequence[Planted]) -> Iterator[str]:
    yield str(len(every))
    for holds in (
        lambda one: one.case is not None,
        lambda one: bool(one.warnings),
        lambda one: bool(one.notes) and not one.warnings,
        lambda one: bool(one.case or one.warnings or one.notes),
        lambda one: one.diff,
        lambda one: one.only_shown,
        lambda one: one.compared == "harmless",
        lambda one: one.compared == "undecided",
    ):
        yield str(sum(map(holds, every)))


def _list(found: Sequence[Planted]) -> Iterator[str]:
    yield "| Fault | Case | check | Patients |"
    yield "|:--|:--|:--|:--|"
    for one in found:
        codes = [*one.warnings, *(f"{code} (note)" for code in one.notes if code not in one.warnings)]
        case = f"`{one.case}`" if one.case is not None else "no"
        yield f"| {_sentence(one.mutation.says)} | {case} | {', '.join(codes) or 'no'} | {_patients(one)} |"
    yield ""


def _sentence(says: str) -> str:
    """A sentence for a cell of a table; what stands in back-ticks is code."""
    parts = escaped(says).replace("|", "\\|").split("`")
    if len(parts) % 2 == 0:
        return markdown_text(says)
    return "".join(f"`{part}`" if i % 2 else markdown_text(part) for i, part in enumerate(parts))


def _patients(one: Planted) -> str:
    match one.compared:
        case Change(what="fact", id=id):
            return f"only shown: `{id}`"
        case Change(id=id, ends=ends) if ends is not None:
            before, after = (end.replace("_", " ") for end in ends)
            return f"`{id}`: {before} → {after}" if before != after else f"`{id}` says something else"
        case other:
            return str(other)


def main() -> None:
    made = page([planted_in(id, number) for id, number in PLANTED.items()])
    (ROOT / "docs" / "planted-faults.md").write_text(made, encoding="utf-8", newline="\n")
    print("wrote docs/planted-faults.md")


if __name__ == "__main__":
    main()
