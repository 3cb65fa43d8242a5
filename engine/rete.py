"""The production-rule engine: a guideline as rules of durable_rules, which conclude the truth of every condition.

Rules conclude what is true and what is false, each from what is known; where neither is concluded, it is open. The rest
is done here, between the strata: facts are settled (records, formulas, tables, sums), and what rests on an absence is
decided (`unless`, overriding, an earlier row of a table).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from guidewright.engine.arithmetic import evaluate
from guidewright.engine.checks import check_truth
from guidewright.engine.deciding import confirmed
from guidewright.engine.known import Derived, Known, all_from_data, computed_as, settle, sums
from guidewright.engine.outcome import Outcome, Status
from guidewright.engine.program import Program
from guidewright.engine.rete_conditions import FALSE, TRUE, Leaf, truth_at
from guidewright.engine.rete_host import Network, ReteError, rete_available
from guidewright.engine.rete_rules import Book, Concluding, ReteRefused, Rulebook, Stratum
from guidewright.engine.three_valued import Truth
from guidewright.rules.conditions import Condition
from guidewright.rules.domains import step_of
from guidewright.rules.formulas import Expression
from guidewright.rules.model import DateType, Fact, Formula, Holds, Row, Score, Table
from guidewright.rules.patient import Patient
from guidewright.rules.values import BOTH, NONE, NOTHING, ValueSet, of, single, union

__all__ = ["Rete", "ReteError", "ReteRefused", "compile_rete", "evaluate_by_rete", "rete_available"]


@dataclass(frozen=True, slots=True)
class _FactLeaves:
    """Where the truths of a fact's conditions are found: of its `only_if`, and of its rows (or of what it `holds`)."""

    only_if: Leaf
    rows: tuple[tuple[Row, Leaf], ...]
    holds: Leaf


@dataclass(frozen=True, slots=True)
class _Guarded:
    """Where the truths of a rule's or an argument's `when` and `unless` are found; a missing `unless` is false."""

    id: str
    when: Leaf
    unless: Leaf


@dataclass(frozen=True, slots=True)
class Rete:
    """A program compiled into rules, which threads may share.

    It remembers nothing of a patient: `unrecorded` keeps what is known about a fact that has no record, which is the
    same for every patient, with the truths of its tests.
    """

    program: Program
    rulebook: Rulebook
    network: Network
    facts: Mapping[str, _FactLeaves]
    rules: tuple[_Guarded, ...]
    arguments: Mapping[str, _Guarded]
    answers: Mapping[str, tuple[Leaf, ...]]
    applies: Leaf
    unrecorded: dict[tuple[str, Truth], tuple[Known, tuple[tuple[int, Truth], ...]]] = field(default_factory=dict)


def compile_rete(program: Program) -> Rete:
    """The program as rules.

    Raises `ReteRefused` for a program that tests a fact before it can be known, which no checked guideline does, and
    `ReteError` where durable_rules cannot be imported.
    """
    book = Book(program)

    def guarded(id: str, when: Condition, unless: Condition | None) -> _Guarded:
        return _Guarded(id, book.leaf_of(when), FALSE if unless is None else book.leaf_of(unless))

    facts = {fact.id: _fact_leaves(fact, book) for fact in program.facts}
    rules = tuple(guarded(rule.id, rule.when, rule.unless) for rule in program.rules)
    arguments = {argument.id: guarded(argument.id, argument.when, argument.unless) for argument in program.arguments}
    answers = {step: tuple(book.leaf_of(answer.when) for answer in every) for step, every in program.decisions.items()}
    applies = book.leaf_of(program.guideline.applies)
    rulebook = book.written()
    return Rete(program, rulebook, Network(rulebook.definitions), facts, rules, arguments, answers, applies)


def _fact_leaves(fact: Fact, book: Book) -> _FactLeaves:
    rows: tuple[Row, ...] = ()
    holds = TRUE
    match fact.derivation:
        case Table() as table:
            rows = table.all_rows
        case Score(every):
            rows = every
        case Holds(condition):
            holds = book.leaf_of(condition)
        case _:
            pass
    only_if = TRUE if fact.only_if is None else book.leaf_of(fact.only_if)
    return _FactLeaves(only_if, tuple((row, book.leaf_of(row.when)) for row in rows), holds)


def evaluate_by_rete(rete: Rete, patient: Patient) -> Outcome:
    """What the rules conclude about a patient. Raises `ReteError` where the engine fails; it may be asked again."""
    run = _Run(rete, patient)
    for stratum in rete.rulebook.strata:
        for fact in stratum.facts:
            run.settle(fact)
        for weighing in stratum.weighings:
            needed = {a.id: run.argument(rete.arguments[a.id]) for c in weighing.candidates for a in c.arguments}
            run.know(f"{weighing.id}.confirmed", Known(confirmed(weighing, needed), False))
        for comparing in stratum.comparing:
            run.conclude(comparing.index, [run.values[fact] for fact in comparing.facts if fact in run.values])
        run.check_compared(stratum)
        for concluding in stratum.concluding:
            run.conclude(concluding.index, run.written(concluding))
    return run.outcome()


class _Run:
    """One patient: what is known about the facts so far, and the truths concluded so far, by slot."""

    __slots__ = ("facts", "patient", "rete", "truths", "values")

    def __init__(self, rete: Rete, patient: Patient) -> None:
        self.rete = rete
        self.patient = patient
        self.facts: dict[str, Known] = {}
        # What goes into the engine for a fact with one known value, as it is written there.
        self.values: dict[str, str] = {}
        self.truths: list[Truth] = [None] * rete.rulebook.slots
        self.truths[TRUE.slot] = True

    def truth(self, leaf: Leaf) -> Truth:
        return truth_at(leaf, self.truths)

    def written(self, concluding: Concluding) -> list[str]:
        """What a ruleset is told: which of the slots that it reads are known to be true, or false."""
        known = [(self.truths[slot], if_true, if_false) for slot, if_true, if_false in concluding.truths]
        return [if_true if truth else if_false for truth, if_true, if_false in known if truth is not None]

    def conclude(self, ruleset: int, properties: list[str]) -> None:
        """Run a ruleset; from nothing, nothing would follow."""
        if not properties:
            return
        conclusions = self.rete.rulebook.conclusions
        for rule in self.rete.network.run(ruleset, properties):
            slot, truth = conclusions[rule]
            if self.truths[slot] is not None and self.truths[slot] is not truth:
                raise ReteError("the rule engine concluded that something is both true and false")
            self.truths[slot] = truth

    def check_compared(self, stratum: Stratum) -> None:
        """A test of a known value is true or false: that it is open would mean that the engine has lost it."""
        tests = self.rete.rulebook.tests
        compared = (tests[fact].compared for each in stratum.comparing for fact in each.facts if fact in self.values)
        if any(self.truths[slot] is None for slots in compared for slot in slots):
            raise ReteError("the rule engine concluded nothing from a known value")

    # --- facts

    def settle(self, fact: Fact) -> None:
        leaves = self.rete.facts[fact.id]
        applies = self.truth(leaves.only_if)
        record = self.patient.records.get(fact.id)
        if record is None and fact.derivation is None and not isinstance(fact.type, DateType):
            self._settle_unrecorded(fact, applies)
        else:
            self.know(fact.id, settle(fact, record, self._derived(fact, leaves), applies, self.patient.as_of))

    def _settle_unrecorded(self, fact: Fact, applies: Truth) -> None:
        remembered = self.rete.unrecorded.get((fact.id, applies))
        if remembered is None:
            known = settle(fact, None, None, applies, self.patient.as_of)
            tests = self.rete.rulebook.tests.get(fact.id)
            checks = () if tests is None else tests.checks
            remembered = known, tuple((slot, check_truth(check, known, fact.type)) for slot, check in checks)
            self.rete.unrecorded[fact.id, applies] = remembered
        self.facts[fact.id] = remembered[0]
        for slot, truth in remembered[1]:
            self.truths[slot] = truth

    def know(self, id: str, known: Known) -> None:
        """Keep what is known, a single value for the engine to test, and the truths of tests that it cannot make."""
        self.facts[id] = known
        tests = self.rete.rulebook.tests.get(id)
        if tests is None:
            return
        value = single(known.values)
        number = tests.code.number(value) if tests.compared and tests.code is not None and value is not None else None
        if number is not None:
            self.values[id] = f'"{tests.name}":{number}'
        kind = self.rete.program.kinds[id]
        for slot, check in tests.checks:
            if number is None or slot not in tests.compared:
                self.truths[slot] = check_truth(check, known, kind)

    def _derived(self, fact: Fact, leaves: _FactLeaves) -> Derived | None:
        derivation = fact.derivation
        if derivation is None:
            return None
        from_data = all_from_data(self.facts[input] for input in self.rete.program.inputs[fact.id])
        match derivation:
            case Formula(expression, _, empirical):
                return self._computed(fact, expression, empirical, from_data)
            case Holds():
                holds = self.truth(leaves.holds)
                return Derived(BOTH if holds is None else of(holds), from_data)
            case Score():
                points = [(row.points or 0, self.truth(leaf)) for row, leaf in leaves.rows]
                sure = sum(number for number, truth in points if truth)
                perhaps = [number for number, truth in points if truth is None]
                return Derived(sums(sure, perhaps, step_of(fact.type)), from_data)
            case Table():
                return self._by_table(fact, derivation.empirical, leaves, from_data)

    def _by_table(self, fact: Fact, empirical: bool, leaves: _FactLeaves, from_data: bool) -> Derived:
        values: ValueSet = NOTHING
        problem: str | None = None
        for row, leaf in leaves.rows:
            holds = self.truth(leaf)
            if holds is False:
                continue
            if row.formula is not None:
                given = self._computed(fact, row.formula, empirical, False)
                problem = problem or given.problem
                values = union(values, given.values, step_of(fact.type))
            elif row.value is not None:
                values = union(values, of(row.value), step_of(fact.type))
            if holds:
                return Derived(values, from_data, problem)
        return Derived(union(values, NONE), from_data, problem)

    def _computed(self, fact: Fact, expression: Expression, empirical: bool, from_data: bool) -> Derived:
        kinds = self.rete.program.kinds
        as_of = self.patient.as_of
        found = evaluate(expression, lambda id: self.facts[id].values, kinds, as_of, fact.type, empirical)
        return computed_as(found, from_data)

    # --- what is decided, once every condition is concluded

    def argument(self, argument: _Guarded) -> Truth:
        """It speaks where its `when` holds and its `unless` surely does not."""
        when, unless = self.truth(argument.when), self.truth(argument.unless)
        if when is False or unless is True:
            return False
        return True if when is True and unless is False else None

    def outcome(self) -> Outcome:
        rete = self.rete
        meant_for = self.truth(rete.applies)
        rules: dict[str, Status] = {}
        for fact in rete.program.facts:
            rules.update(self._rows(fact, rete.facts[fact.id]))
        for rule in rete.rules:
            rules[rule.id] = self._status(rule, rules)
        if meant_for is False:
            rules = dict.fromkeys(rules, "not_fired")
        program = rete.program
        order = [fact.id for fact in program.facts] + [f"{weighing.id}.confirmed" for weighing in program.weighings]
        return Outcome(
            facts={id: self.facts[id] for id in order},
            rules=rules,
            arguments={id: self.argument(argument) for id, argument in rete.arguments.items()},
            answers={step: tuple(self.truth(leaf) for leaf in every) for step, every in rete.answers.items()},
            applies=meant_for,
        )

    def _status(self, rule: _Guarded, settled: Mapping[str, Status]) -> Status:
        when = self.truth(rule.when)
        if when is False or self.truth(rule.unless) is True:
            return "not_fired"
        if any(settled[other] == "fired" for other in self.rete.program.replaced_by[rule.id]):
            return "overridden"
        return "fired" if when else "open"

    def _rows(self, fact: Fact, leaves: _FactLeaves) -> Iterator[tuple[str, Status]]:
        """The statuses of rows with an id. In a table, a row counts only where no earlier one holds."""
        reached: Truth = True
        for row, leaf in leaves.rows:
            holds = self.truth(leaf)
            if row.id is not None:
                if holds is False or reached is False:
                    yield row.id, "not_fired"
                else:
                    yield row.id, "fired" if holds and reached else "open"
            if isinstance(fact.derivation, Table) and reached is not False and holds is not False:
                reached = False if holds else None
