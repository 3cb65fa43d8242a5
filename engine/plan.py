"""A guideline made ready to answer: its program, the compiled engine, and its conditions as numbered trees for
explanations.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from guidewright.engine.cells import encode
from guidewright.engine.compiled import Compiled, compile_program
from guidewright.engine.known import Known
from guidewright.engine.program import Program, program_of, rows_with_ids
from guidewright.engine.three_valued import Truth
from guidewright.engine.trees import Branch, Numbering, Tree, Truths, truths_from
from guidewright.rules.conditions import Condition, Test
from guidewright.rules.english import test_in_words
from guidewright.rules.model import Fact, Guideline, Holds, Score, Table


@dataclass(frozen=True, slots=True)
class Plan:
    """`tests` are the distinct tests of all conditions, `words` their English. The trees refer to them by number.

    `named` are the facts that a condition may name: those of the guideline, and what its weighings confirm.
    """

    program: Program
    compiled: Compiled
    tests: tuple[Test, ...]
    branches: tuple[Branch, ...]
    words: tuple[str, ...]
    named: Mapping[str, Fact]
    masks: tuple[tuple[int, int, int], ...]
    applies: Tree
    when: Mapping[str, Tree]
    unless: Mapping[str, Tree]
    only_if: Mapping[str, Tree]
    rows: Mapping[str, tuple[Tree, ...]]
    answers: Mapping[str, tuple[Tree, ...]]
    box: Mapping[str, int]

    @property
    def guideline(self) -> Guideline:
        return self.program.guideline


def plan_of(guideline: Guideline) -> Plan:
    """The plan of a checked guideline. It holds no state of a patient and may be shared by threads."""
    program = program_of(guideline)
    compiled = compile_program(program)
    numbering = Numbering()
    tree = numbering.tree_of
    when = {rule.id: tree(rule.when) for rule in program.rules}
    when |= {argument.id: tree(argument.when) for argument in program.arguments}
    when |= {row.id: tree(row.when) for _, row in rows_with_ids(program) if row.id is not None}
    unless = {rule.id: tree(rule.unless) for rule in program.rules if rule.unless is not None}
    unless |= {argument.id: tree(argument.unless) for argument in program.arguments if argument.unless is not None}
    only_if = {fact.id: tree(fact.only_if) for fact in program.facts if fact.only_if is not None}
    rows = {
        fact.id: tuple(tree(condition) for condition in conditions)
        for fact in program.facts
        if (conditions := _rows(fact))
    }
    answers = {step: tuple(tree(answer.when) for answer in every) for step, every in program.decisions.items()}
    applies = tree(guideline.applies)
    tests = tuple(numbering.tests)
    named = {**guideline.facts, **_confirmed_facts(program)}
    return Plan(
        program=program,
        compiled=compiled,
        tests=tests,
        branches=tuple(numbering.branches),
        words=tuple(test_in_words(test, named) for test in tests),
        named=named,
        masks=tuple((compiled.places[t.fact], *compiled.cells[compiled.places[t.fact]].masks[t.check]) for t in tests),
        applies=applies,
        when=when,
        unless=unless,
        only_if=only_if,
        rows=rows,
        answers=answers,
        box={rule: step.box for stage in guideline.stages for step in stage.steps for rule in step.rules},
    )


def _confirmed_facts(program: Program) -> dict[str, Fact]:
    """What weighings confirm, as facts: they have a label, so that a test of one can be put into words."""
    found: dict[str, Fact] = {}
    for weighing in program.weighings:
        id = f"{weighing.id}.confirmed"
        found[id] = Fact(id, f"confirmed by the arguments ({weighing.question})", program.kinds[id])
    return found


def _rows(fact: Fact) -> tuple[Condition, ...]:
    match fact.derivation:
        case Holds(condition):
            return (condition,)
        case Table() as table:
            return tuple(row.when for row in table.all_rows)
        case Score(rows):
            return tuple(row.when for row in rows)
        case _:
            return ()


def truths_of(plan: Plan, facts: Mapping[str, Known]) -> Truths:
    """The truth of every numbered test and branch, from what is known of the facts."""
    bits = [encode(cells, facts[id]) for id, cells in zip(plan.program.kinds, plan.compiled.cells, strict=True)]
    truths: list[Truth] = []
    for place, passing, failing in plan.masks:
        here = bits[place]
        truths.append((None if here & failing else True) if here & passing else False)
    return truths_from(truths, plan.branches)
