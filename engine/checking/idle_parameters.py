"""Parameters without effect: those of which a somewhat larger and a somewhat smaller value give everyone the same."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import replace
from functools import partial

from guidewright.engine.checking.claims import Fault, Faults, Look, Proofs, can_hold, where
from guidewright.engine.comparing.differences import Seen, seen_by
from guidewright.engine.comparing.versions import known_alike, same_state, unchanged
from guidewright.engine.program import Program, claims_of, conditions_of, program_of
from guidewright.engine.proofs.encoded_derivations import Shared
from guidewright.engine.proofs.encoded_facts import Kleene, Shape
from guidewright.engine.proofs.encoding import Encoding, encoding_of
from guidewright.engine.proofs.propositions import Proposition
from guidewright.engine.proofs.witness import any_record, smallest_record
from guidewright.rules.condition_text import literals_of
from guidewright.rules.conditions import (
    AnyOf,
    Check,
    Compare,
    Condition,
    IsNone,
    Literal,
    Not,
    OneOf,
    Operator,
    Test,
    Within,
    tests_of,
)
from guidewright.rules.domains import precise_options
from guidewright.rules.model import BooleanType, ChoiceType, FactType, Parameter
from guidewright.rules.other_tests import with_tests
from guidewright.rules.values import Value

_Change = Callable[[Test], Condition]
_NEVER = AnyOf(())
_WITH_CONDITIONS = ("applies", "facts", "rules", "weighings", "stages")  # parts of a guideline


def idle_parameters(proofs: Proofs) -> list[Look]:
    """Looks at what the conditions say that decide something: a parameter that a text or the value of a row tells is
    left alone, for another value says something else; so is one that only a claim names, that a number has to equal, or
    that stands in a test of a set.
    """
    uses: dict[str, dict[Test, None]] = {}
    for condition in conditions_of(proofs.program):
        for test in tests_of(condition):
            for literal in literals_of(test.check):
                if literal.parameter is not None:
                    uses.setdefault(literal.parameter, {})[test] = None
    return [
        partial(_of_parameter, parameter, tuple(uses[id]), proofs)
        for id, parameter in proofs.guideline.parameters.items()
        if id in uses
        and not parameter.told_by
        and all(_can_be_moved(test.check, proofs.program.kinds[test.fact]) for test in uses[id])
    ]


def _can_be_moved(check: Check, kind: FactType) -> bool:
    """Whether what lies on each side of a limit can be told by the cells that there are."""
    match check:
        case Compare(operator):
            return operator != "!=" or isinstance(kind, ChoiceType)
        case OneOf():
            return isinstance(kind, BooleanType | ChoiceType)
        case _:
            return True


def _of_parameter(parameter: Parameter, uses: tuple[Test, ...], proofs: Proofs) -> Faults:
    undecided = False
    for moved in _moved(parameter.id, uses, proofs):
        effect = _has_effect(moved, proofs)
        if effect:
            return
        undecided |= effect is None
    says = f"the parameter `{parameter.id}` makes no difference"
    yield Fault(
        "GW436",
        f"whether {says}" if undecided else f"{says}: by a larger and by a smaller value everyone gets the same answer",
        (parameter.id,),
        where(("", parameter.place), *(("it is tested here", test.place) for test in uses)),
        "leave it out, or see whether a condition that names it is what was meant",
        undecided=undecided,
    )


def _has_effect(moved: Program, proofs: Proofs) -> bool | None:
    """Whether someone for whom the guideline may be meant gets another answer: false is proved, a patient shows that
    it is true.
    """
    program, prover = proofs.program, proofs.prover
    one = prover.encoding
    same = frozenset(unchanged(program, moved))
    shared = Shared(
        one.nodes,
        one.records,
        {id: state for id, state in one.states.items() if id in same},
        {id: met for id, met in one.meetings.items() if id in same},
        one.days,
        {id: gap for id, gap in one.gaps.items() if id in same},
    )
    other = encoding_of(moved, prover.as_of, (*conditions_of(program), *claims_of(program)), shared)
    wanted = [*other.constraints, *known_alike(one, other, same), -one.nodes.all((one.applies.no, other.applies.no))]
    wanted.append(one.nodes.any(_differences(one, other)))
    if can_hold(wanted, proofs) is False:
        return False
    for also in ([-other.computed], []):
        for record_of in (any_record, smallest_record):
            record = record_of(prover, [*wanted, *also])
            seen = seen_by(record, program, moved, prover.as_of) if not isinstance(record, str) else None
            if seen is not None and _is_another_answer(seen):
                return True
    return None


def _differences(one: Encoding, other: Encoding) -> Iterator[Proposition]:
    nodes = one.nodes
    pairs = [(by[status], other.rules[id][status]) for id, by in one.rules.items() for status in by]
    truths: list[tuple[Kleene, Kleene]] = [(one.applies, other.applies)]
    truths += [(truth, other.arguments[id]) for id, truth in one.arguments.items()]
    truths += [pair for step, every in one.answers.items() for pair in zip(every, other.answers[step], strict=True)]
    pairs += [pair for a, b in truths for pair in ((a.yes, b.yes), (a.no, b.no))]
    yield from (nodes.choose(a, -b, b) for a, b in pairs)
    yield from (-same_state(state, other.states[id], nodes) for id, state in one.states.items())


def _is_another_answer(seen: Seen) -> bool:
    before, after = seen.outcome_before, seen.outcome_after
    return before != after and (before.applies, after.applies) != (False, False)


# --- the program with another value


def _moved(parameter: str, uses: Collection[Test], proofs: Proofs) -> Iterator[Program]:
    """The limit moved up as far as the next one of the same fact, and down as far as the one before; or each other
    value of a choice.
    """
    others = {value: None for test in uses for value in _alternatives(proofs.program.kinds[test.fact])}
    if others:
        changes: list[_Change] = [partial(_with_value, parameter, value) for value in others]
    else:
        shapes = proofs.prover.encoding.shapes
        changes = [partial(_with_limit, parameter, up, shapes) for up in (True, False)]
    guideline = proofs.guideline
    for change in changes:
        parts = {name: with_tests(getattr(guideline, name), change) for name in _WITH_CONDITIONS}
        yield program_of(replace(guideline, **parts))


def _alternatives(kind: FactType) -> tuple[Value, ...]:
    match kind:
        case BooleanType():
            return (True, False)
        case ChoiceType():
            return precise_options(kind)
        case _:
            return ()


def _with_value(parameter: str, value: Value, test: Test) -> Condition:
    def moved(literal: Literal) -> Literal:
        return replace(literal, value=value) if literal.parameter == parameter else literal

    match test.check:
        case OneOf(literals):
            return replace(test, check=OneOf(tuple(map(moved, literals))))
        case Compare(_, literal):
            return replace(test, check=replace(test.check, literal=moved(literal)))
        case Within(low, high):
            return replace(test, check=replace(test.check, low=moved(low), high=moved(high)))
        case _:
            return test


def _with_limit(parameter: str, up: bool, shapes: Mapping[str, Shape], test: Test) -> Condition:
    ends = _ends(test.check)
    if all(end.literal.parameter != parameter for end in ends):
        return test
    moved = [_beyond(end, up, shapes[test.fact]) if end.literal.parameter == parameter else end for end in ends]
    match [end for end in moved if isinstance(end, Compare)]:
        case _ if False in moved:
            return _NEVER
        case [low, high]:
            return replace(test, check=Within(low.literal, high.literal, low.operator == ">", high.operator == "<"))
        case [end]:
            return replace(test, check=end)
        case _:
            return Not(replace(test, check=IsNone()))


def _ends(check: Check) -> tuple[Compare, ...]:
    match check:
        case Compare():
            return (check,)
        case Within(low, high, low_open, high_open):
            return Compare(">" if low_open else ">=", low), Compare("<" if high_open else "<=", high)
        case _:
            return ()


def _beyond(end: Compare, up: bool, shape: Shape) -> Compare | bool:
    """The limit moved across all values up to the next one, or onto it where there is none between them. Where no other
    limit follows: whether every value passes.
    """
    cuts, at = shape.cells.cuts, shape.cells.cuts.index(end.literal.value)
    is_low = end.operator in (">", ">=")
    if at == (len(cuts) - 1 if up else 0):
        return up is not is_low
    across: Operator = (">=" if up else ">") if is_low else ("<" if up else "<=")
    is_gap = shape.possible[2 * at + (2 if up else 0)]
    return Compare(across if is_gap else end.operator, Literal(cuts[at + (1 if up else -1)]))
