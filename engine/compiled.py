"""The compiled engine: one generated function for all conditions of a program, on bits, for one patient at a time.

The generated text holds nothing that an author wrote: only numbers (positions and masks) and names made here. What
it needs of the
program is passed in as bindings. Each condition becomes two expressions, one for "can be true" and one for "can be
false"; over
bits these are `and` and `or` of single tests, which is exactly Kleene's logic: open is both.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from guidewright.engine.arithmetic import evaluate
from guidewright.engine.cells import Cells, cells_of, encode, value_bits
from guidewright.engine.deciding import confirmed
from guidewright.engine.known import Derived, Known, all_from_data, computed_as, settle, sums
from guidewright.engine.outcome import Outcome, Status
from guidewright.engine.program import Program, conditions_of, rows_of
from guidewright.engine.three_valued import Truth
from guidewright.rules.conditions import AllOf, AnyOf, Check, Condition, Not, Test, tests_of
from guidewright.rules.domains import step_of
from guidewright.rules.model import DateType, Fact, Formula, Holds, Score, Table
from guidewright.rules.patient import Patient
from guidewright.rules.values import BOTH, NONE, NOTHING, ValueSet, of, union

Bits = list[int]
Decide = Callable[[Bits], tuple[Truth, ...]]
_STATUS: dict[Truth, Status] = {True: "fired", None: "open", False: "not_fired"}


@dataclass(frozen=True, slots=True)
class Compiled:
    """A program ready to run. `places` gives each fact its position among the bits; the functions take those bits."""

    program: Program
    places: Mapping[str, int]
    cells: tuple[Cells, ...]
    plain: tuple[tuple[int, str, Fact, Decide | None], ...]
    arguments: Decide
    rules: Callable[[Bits], list[Status]]
    answers: Decide
    applies: Decide
    derive: Mapping[str, Decide]
    unrecorded: tuple[tuple[int, int, int] | None, ...]


def compile_program(program: Program) -> Compiled:
    """The compiled form of a program. Thread-safe: it holds no state of a patient."""
    checks: dict[str, list[Check]] = {id: [] for id in program.kinds}
    for condition in conditions_of(program):
        for test in tests_of(condition):
            checks[test.fact].append(test.check)
    places = {id: i for i, id in enumerate(program.kinds)}
    cells = tuple(cells_of(program.kinds[id], checks[id]) for id in program.kinds)
    decide = _Writer(places, cells)
    derive = {fact.id: decide.function(found) for fact in program.facts if (found := _derivation_conditions(fact))}
    only_if = {fact.id: decide.function((fact.only_if,)) for fact in program.facts if fact.only_if is not None}
    plain = tuple((places[fact.id], fact.id, fact, only_if.get(fact.id)) for fact in program.facts)
    answers = tuple(answer.when for every in program.decisions.values() for answer in every)
    return Compiled(
        program=program,
        places=places,
        cells=cells,
        plain=plain,
        arguments=decide.function(tuple(_argument_condition(a.when, a.unless) for a in program.arguments)),
        rules=decide.statuses(program),
        answers=decide.function(answers),
        applies=decide.function((program.guideline.applies,)),
        derive=derive,
        unrecorded=tuple(_unrecorded(fact, cells[places[fact.id]]) for fact in program.facts),
    )


def _argument_condition(when: Condition, unless: Condition | None) -> Condition:
    return when if unless is None else AllOf((when, Not(unless)))


def _derivation_conditions(fact: Fact) -> tuple[Condition, ...]:
    match fact.derivation:
        case Holds(condition):
            return (condition,)
        case Table() as table:
            return tuple(row.when for row in table.all_rows)
        case Score(rows):
            return tuple(row.when for row in rows)
        case _:
            return ()


def _unrecorded(fact: Fact, cells: Cells) -> tuple[int, int, int] | None:
    """The bits of a fact of which nothing is recorded: where it applies, where it may apply, where it does not.

    A date's depend on the day of assessment, and a derived fact's on the patient: `None`.
    """
    if fact.derivation is not None or isinstance(fact.type, DateType):
        return None
    today = date(2000, 1, 1)
    return (
        encode(cells, settle(fact, None, None, True, today)),
        encode(cells, settle(fact, None, None, None, today)),
        encode(cells, settle(fact, None, None, False, today)),
    )


# --- writing functions


@dataclass(frozen=True, slots=True)
class _Writer:
    """Writes Python functions over bits. Every name and number in their text is made here."""

    places: Mapping[str, int]
    cells: tuple[Cells, ...]

    def function(self, conditions: tuple[Condition, ...]) -> Decide:
        """A function from the bits to the truth of each condition."""
        lines = ["def decide(p):"]
        lines += self._locals(conditions)
        names = []
        for i, condition in enumerate(conditions):
            lines.append(f" t{i} = {self._truth(condition)}")
            names.append(f"t{i}")
        lines.append(f" return ({', '.join(names)}{',' if names else ''})")
        decide: Decide = _made(lines)
        return decide

    def statuses(self, program: Program) -> Callable[[Bits], list[Status]]:
        """A function from the bits to the status of each rule, in the order of the program (those that replace
        others first).
        """
        position = {rule.id: i for i, rule in enumerate(program.rules)}
        by = program.replaced_by
        # Whether any rule that stops an action has fired. All of them stand before the first rule that asks it.
        stopped: dict[str, str] = {}
        conditions = [c for rule in program.rules for c in (rule.when, rule.unless) if c is not None]
        lines = ["def decide(p):", *self._locals(tuple(conditions))]
        for i, rule in enumerate(program.rules):
            for action in by.through[rule.id]:
                if action not in stopped:
                    fired = "".join(f"s{position[other]}, " for other in by.stopping[action])
                    stopped[action] = f"a{len(stopped)}"
                    lines.append(f" {stopped[action]} = 'fired' in ({fired})")
            lines.append(f" if not ({self._can(rule.when, True)}): s{i} = 'not_fired'")
            if rule.unless is not None:
                lines.append(f" elif not ({self._can(rule.unless, False)}): s{i} = 'not_fired'")
            replaced = [f"s{position[other]} == 'fired'" for other in by.direct[rule.id]]
            replaced += [stopped[action] for action in by.through[rule.id]]
            if replaced:
                lines.append(f" elif {' or '.join(replaced)}: s{i} = 'overridden'")
            lines.append(f" elif {self._can(rule.when, False)}: s{i} = 'open'")
            lines.append(f" else: s{i} = 'fired'")
        lines.append(f" return [{', '.join(f's{i}' for i in range(len(program.rules)))}]")
        decide: Callable[[Bits], list[Status]] = _made(lines)
        return decide

    def _locals(self, conditions: tuple[Condition, ...]) -> list[str]:
        used = sorted({self.places[test.fact] for condition in conditions for test in tests_of(condition)})
        return [f" p{i} = p[{i}]" for i in used]

    def _truth(self, condition: Condition) -> str:
        return f"(None if ({self._can(condition, False)}) else True) if ({self._can(condition, True)}) else False"

    def _can(self, condition: Condition, value: bool) -> str:
        """An expression that is true where the condition can be true (or, for `value` False, can be false)."""
        match condition:
            case Test(fact, check):
                place = self.places[fact]
                passing, failing = self.cells[place].masks[check]
                return f"p{place} & {passing if value else failing}"
            case Not(part):
                return self._can(part, not value)
            case AllOf(parts) | AnyOf(parts):
                every = isinstance(condition, AllOf) == value
                if not parts:
                    return "True" if every else "False"
                return "(" + (" and " if every else " or ").join(self._can(part, value) for part in parts) + ")"


def _made(lines: list[str]) -> Any:
    scope: dict[str, Any] = {"__builtins__": {}}
    # The text holds only names and numbers that the writer made; nothing of a guideline's texts is in it.
    exec("\n".join(lines), scope)
    return scope["decide"]


# --- one patient


def rule_statuses(compiled: Compiled, patient: Patient) -> list[Status]:
    """The status of every rule, in the order of `program.rules`, without what else an answer holds.

    No answer is made from it: it is for a cohort, where many patients are asked which rules fire and nothing else, and
    leaves out arguments, rows, answers and what is known of facts from which nothing is derived. The benchmarks measure
    it, and the tests hold it against the reference.
    """
    bits, _ = _bits_of(compiled, patient)
    _settle_weighings(compiled, bits)
    if compiled.applies(bits)[0] is False:
        return ["not_fired"] * len(compiled.program.rules)
    return compiled.rules(bits)


def evaluate_compiled(compiled: Compiled, patient: Patient) -> Outcome:
    """The whole outcome for one patient."""
    program = compiled.program
    bits, known = _bits_of(compiled, patient, whole=True)
    arguments = _settle_weighings(compiled, bits, known)
    applies = compiled.applies(bits)[0]
    rules: dict[str, Status] = {}
    for fact in program.facts:
        if any(row.id is not None for row in rows_of(fact)):
            rules |= _row_statuses(fact, compiled.derive[fact.id](bits))
    if applies is False:
        rules = dict.fromkeys(rules, "not_fired")
    statuses: list[Status] = ["not_fired"] * len(program.rules) if applies is False else compiled.rules(bits)
    rules |= {rule.id: status for rule, status in zip(program.rules, statuses, strict=True)}
    truths = iter(compiled.answers(bits))
    answers = {step: tuple(next(truths) for _ in every) for step, every in program.decisions.items()}
    return Outcome(known, rules, arguments, answers, applies)


def _settle_weighings(compiled: Compiled, bits: Bits, known: dict[str, Known] | None = None) -> dict[str, Truth]:
    program = compiled.program
    if not program.weighings:
        return {}
    arguments = dict(zip((a.id for a in program.arguments), compiled.arguments(bits), strict=True))
    for weighing in program.weighings:
        fact = f"{weighing.id}.confirmed"
        result = Known(confirmed(weighing, arguments), False)
        bits[compiled.places[fact]] = encode(compiled.cells[compiled.places[fact]], result)
        if known is not None:
            known[fact] = result
    return arguments


def _bits_of(compiled: Compiled, patient: Patient, whole: bool = False) -> tuple[Bits, dict[str, Known]]:
    """The bits of every fact; with `whole` also what is known of every fact, otherwise only of those that a
    derived fact needs.
    """
    bits = [0] * len(compiled.cells)
    known: dict[str, Known] = {}
    skipped: dict[str, Truth] = {}
    records, as_of = patient.records, patient.as_of
    every_cell = compiled.cells
    for (place, id, fact, only_if), unrecorded in zip(compiled.plain, compiled.unrecorded, strict=True):
        record = records.get(id)
        applies: Truth = True if only_if is None else only_if(bits)[0]
        cells = every_cell[place]
        if fact.derivation is not None:
            _fill_inputs(compiled, fact, patient, skipped, known)
            found = settle(fact, record, _derived(compiled, fact, bits, known, as_of), applies, as_of)
        elif whole or (unrecorded is None and record is None) or (record is not None and cells.pairs):
            found = settle(fact, record, None, applies, as_of)
        else:
            # What is known of a plain fact is only worked out where something is derived from it.
            skipped[id] = applies
            if record is not None:
                bits[place] = value_bits(cells, record.values)
            elif unrecorded is not None:
                bits[place] = unrecorded[0 if applies else 1 if applies is None else 2]
            continue
        known[id] = found
        bits[place] = encode(cells, found)
    return bits, known


def _fill_inputs(
    compiled: Compiled, fact: Fact, patient: Patient, skipped: Mapping[str, Truth], known: dict[str, Known]
) -> None:
    """What is known of the inputs that the fast path has skipped."""
    facts = compiled.program.guideline.facts
    for id in compiled.program.inputs[fact.id]:
        if id not in known:
            known[id] = settle(facts[id], patient.records.get(id), None, skipped[id], patient.as_of)


def _derived(compiled: Compiled, fact: Fact, bits: Bits, known: Mapping[str, Known], as_of: date) -> Derived:
    from_data = all_from_data(known[id] for id in compiled.program.inputs[fact.id])
    if isinstance(fact.derivation, Formula):
        computed = evaluate(
            fact.derivation.expression,
            lambda id: known[id].values,
            compiled.program.kinds,
            as_of,
            fact.type,
            fact.derivation.empirical,
        )
        return computed_as(computed, from_data)
    truths = compiled.derive[fact.id](bits)
    if isinstance(fact.derivation, Holds):
        return Derived(BOTH if truths[0] is None else of(truths[0]), from_data)
    if isinstance(fact.derivation, Score):
        rows = fact.derivation.rows
        sure = sum((row.points or 0 for row, truth in zip(rows, truths, strict=True) if truth is True), 0)
        return Derived(
            sums(
                sure,
                [row.points or 0 for row, truth in zip(rows, truths, strict=True) if truth is None],
                step_of(fact.type),
            ),
            from_data,
        )
    assert isinstance(fact.derivation, Table)
    values: ValueSet = NOTHING
    problem: str | None = None
    for row, truth in zip(rows_of(fact), truths, strict=True):
        if truth is False:
            continue
        if row.formula is not None:
            computed = evaluate(
                row.formula,
                lambda id: known[id].values,
                compiled.program.kinds,
                as_of,
                fact.type,
                fact.derivation.empirical,
            )
            problem = problem or computed.problem
            given = computed_as(computed, False).values
        else:
            assert row.value is not None
            given = of(row.value)
        values = union(values, given, step_of(fact.type))
        if truth is True:
            return Derived(values, from_data, problem)
    return Derived(union(values, NONE), from_data, problem)


def _row_statuses(fact: Fact, truths: tuple[Truth, ...]) -> dict[str, Status]:
    """The statuses of rows with an id. A row of a table is reached where no earlier one holds; a row of a score
    always.
    """
    found: dict[str, Status] = {}
    reached: Truth = True
    for row, truth in zip(rows_of(fact), truths, strict=True):
        if row.id is not None:
            found[row.id] = _STATUS[truth if reached or truth is False else reached]
        if isinstance(fact.derivation, Table) and truth is not False:
            reached = False if truth or reached is False else None
    return found
