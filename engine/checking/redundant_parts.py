"""Parts of conditions that can be left out without changing anything, for any patient and any incomplete record."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import chain

from guidewright.engine.checking.claims import Fault, Faults, Look, Proofs, can_hold, where
from guidewright.engine.program import Program, claims_of, conditions_of, facts_behind
from guidewright.engine.proofs.encoded_facts import Kleene, all_of
from guidewright.engine.proofs.propositions import FALSE, TRUE, Proposition
from guidewright.rules.condition_text import write_condition
from guidewright.rules.conditions import (
    ALWAYS,
    AllOf,
    AnyOf,
    Condition,
    Not,
    Record,
    Test,
    facts_of,
    tests_of,
)
from guidewright.rules.diagnostics import Place
from guidewright.rules.display import quoted
from guidewright.rules.model import Argument, Fact, Holds, Row, Rule, Score, Stage, Step, Table
from guidewright.rules.one_line import without_braces

_FALSE = Kleene(FALSE, TRUE)
_NEVER = AnyOf(())
_SHOWN = 80  # characters of a part in a message
Path = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Stated:
    """A condition, and what it is good for: `counts` says for which records it matters at all, `differs` whether
    another truth in its place would change something for such a record. `sometimes`: what is so for some records,
    unless more is wrong with it than a part. `instead`: what stands for it where all of it is left out, `None` where it
    cannot be. `keeps`: whether it has to go on naming the facts that it names.
    """

    what: str
    about: tuple[str, ...]
    place: Place | None
    condition: Condition
    counts: Proposition
    differs: Callable[[Kleene], Proposition]
    sometimes: tuple[Proposition, ...] = ()
    instead: Condition | None = None
    keeps: bool = False


@dataclass(frozen=True, slots=True)
class Idle:
    """A part of a condition that can be left out, and what is left without it and without those told before it.
    `undecided`: that it can was neither proved nor refuted; where it is `sure_alone`, not beside those told before it.
    """

    part: Condition
    rest: Condition
    undecided: bool = False
    sure_alone: bool = False


def redundant_parts(proofs: Proofs) -> list[Look]:
    """Nothing is said of what never holds: any part of it might go, and other findings tell of it."""
    return [partial(_of_all, made, proofs) for made in stated_conditions(proofs)]


def _of_all(made: Callable[[], Iterable[Stated]], proofs: Proofs) -> Faults:
    return (_fault(idle, stated, proofs) for stated in made() for idle in idle_parts(stated, proofs))


def idle_parts(stated: Stated, proofs: Proofs) -> Iterator[Idle]:
    """The largest parts that can be left out together; of two that say the same the later one."""
    nodes = proofs.prover.encoding.nodes
    parts = dict(_parts(stated.condition))
    if stated.instead is not None:
        parts = {(): stated.condition} | parts

    def can_change(*dropped: Path) -> bool | None:
        """Whether something changes for some record without these parts."""
        rest = _without(stated, dropped)
        if not _may_stand(rest, stated):
            return True
        return can_hold((nodes.all((stated.counts, stated.differs(proofs.truth(rest)))),), proofs)

    found = {path: can_change(path) for path in parts}
    if all(found.values()) or any(can_hold((stated.counts, so), proofs) is False for so in stated.sometimes):
        return
    dropped: list[Path] = []
    for path in sorted(found, key=lambda path: (len(path), [-at for at in path])):
        if found[path] or _inside(path, dropped):
            continue
        together = can_change(*dropped, path) if dropped and found[path] is False else found[path]
        if together is None:
            yield Idle(parts[path], _without(stated, (*dropped, path)), True, found[path] is False)
        elif not together:
            dropped.append(path)
            yield Idle(parts[path], _without(stated, dropped))


def _inside(path: Path, others: Collection[Path]) -> bool:
    return any(path[: len(other)] == other for other in others)


def _fault(idle: Idle, stated: Stated, proofs: Proofs) -> Fault:
    whole = idle.part is stated.condition
    shown = "all" if whole else quoted(without_braces(write_condition(idle.part, proofs.program.kinds)), _SHOWN)
    says = f"{shown} of {stated.what} can be left out"
    at = next((test.place for test in tests_of(idle.part)), None)
    facts = [fact for fact in facts_of(idle.part) if fact in proofs.guideline.facts]
    unsure = f"whether {says}{' too' if idle.sure_alone else ''}"
    return Fault(
        "GW431",
        unsure if idle.undecided else f"{says}: nothing changes, whatever is recorded",
        tuple(dict.fromkeys((*stated.about, *facts))),
        where(("", at), ("it stands here", stated.place)) if at is not None else where(("", stated.place)),
        "leave it out, or see whether something else was meant",
        undecided=idle.undecided,
    )


# --- parts


def _parts(condition: Condition, path: Path = ()) -> Iterator[tuple[Path, Condition]]:
    """Every part that stands beside others, and where: at each level its position."""
    match condition:
        case AllOf(parts) | AnyOf(parts):
            for i, part in enumerate(parts):
                if len(parts) > 1:
                    yield (*path, i), part
                yield from _parts(part, (*path, i))
        case Not(part):
            yield from _parts(part, (*path, 0))
        case Test():
            pass


def _without(stated: Stated, dropped: Collection[Path]) -> Condition:
    if stated.instead is not None and () in dropped:
        return stated.instead
    return _pruned(stated.condition, dropped, ())


def _pruned(condition: Condition, dropped: Collection[Path], path: Path) -> Condition:
    match condition:
        case AllOf(parts) | AnyOf(parts):
            every = [((*path, i), part) for i, part in enumerate(parts)]
            kept = tuple(_pruned(part, dropped, at) for at, part in every if at not in dropped)
            return AllOf(kept) if isinstance(condition, AllOf) else AnyOf(kept)
        case Not(part):
            return Not(_pruned(part, dropped, (*path, 0)))
        case Test():
            return condition


def _may_stand(rest: Condition, stated: Stated) -> bool:
    if stated.keeps and set(facts_of(rest)) != set(facts_of(stated.condition)):
        return False
    return rest is stated.instead or not _has_an_empty_list(rest)


def _has_an_empty_list(condition: Condition) -> bool:
    match condition:
        case AllOf(parts) | AnyOf(parts):
            return not parts or any(map(_has_an_empty_list, parts))
        case Not(part):
            return _has_an_empty_list(part)
        case Test():
            return False


# --- whose conditions, and what they are good for


def stated_conditions(proofs: Proofs) -> list[Callable[[], Iterable[Stated]]]:
    """Those of each fact, rule, argument and decision, which are worked out when they are wanted."""
    # On whether what a fact is derived from is recorded, and not only on what that says, depends whether the fact is
    # uncertain, and whether its tolerance counts.
    derived = [fact.id for fact in proofs.program.facts if fact.derivation is not None and fact.tolerance is not None]
    traced = facts_behind([*_asked_whether_uncertain(proofs.program), *derived], proofs.program)
    found: list[Callable[[], Iterable[Stated]]] = [
        partial(_of_fact, fact, fact.id in traced, proofs) for fact in proofs.program.facts
    ]
    found += (partial(_of_rule, rule, proofs) for rule in proofs.guideline.rules.values())
    found += (partial(_of_argument, argument, proofs) for argument in proofs.program.arguments)
    for stage in proofs.guideline.stages:
        found += (partial(_of_decision, step, stage, proofs) for step in stage.steps if step.answers)
    return found


def _of_fact(fact: Fact, keeps: bool, proofs: Proofs) -> Iterator[Stated]:
    nodes = proofs.prover.encoding.nodes
    # Also where `applies` rests on the fact: whoever is not meant by what it follows from may be with the fact itself
    # recorded, so a part that says nothing about those who may be meant keeps nobody out.
    counts = proofs.meant
    if fact.only_if is not None:
        what = f"the `only_if` of `{fact.id}`"
        truth = proofs.truth(fact.only_if)
        differs = _any_difference(truth, proofs)
        yield Stated(what, (fact.id,), fact.place, fact.only_if, counts, differs, (), ALWAYS, keeps)
        counts = nodes.all((counts, -truth.no))
    match fact.derivation:
        case Holds(condition):
            differs = _any_difference(proofs.truth(condition), proofs)
            what = f"the `holds` of `{fact.id}`"
            yield Stated(what, (fact.id,), fact.place, condition, counts, differs, keeps=keeps)
        case Table() as table:
            for row in table.rows:
                yield _of_row(fact, row, counts, keeps, proofs)
                counts = nodes.all((counts, -proofs.truth(row.when).yes))
        case Score(rows):
            for row in rows:
                yield _of_row(fact, row, counts, keeps, proofs)
        case _:
            pass


def _of_row(fact: Fact, row: Row, counts: Proposition, keeps: bool, proofs: Proofs) -> Stated:
    truth = proofs.truth(row.when)
    what = f"the row `{row.id}` of `{fact.id}`" if row.id is not None else f"this row of `{fact.id}`"
    about = (fact.id,) if row.id is None else (fact.id, row.id)
    differs = _any_difference(truth, proofs)
    return Stated(what, about, row.place or fact.place, row.when, counts, differs, (truth.yes,), keeps=keeps)


def _of_rule(rule: Rule, proofs: Proofs) -> Iterator[Stated]:
    """Where a rule fires, it also has to go on saying what it assumes, which is that its `unless` is open."""
    encoding = proofs.prover.encoding
    nodes = encoding.nodes
    when = proofs.truth(rule.when)
    unless = proofs.truth(rule.unless) if rule.unless is not None else _FALSE
    fires = encoding.rules[rule.id]["fired"]

    def unless_differs(other: Kleene) -> Proposition:
        assumed = nodes.all((fires, _unlike(unless.no, other.no, proofs)))
        return nodes.any((_unlike(unless.yes, other.yes, proofs), assumed))

    about = (rule.id,)
    counts = nodes.all((proofs.meant, -unless.yes))
    what, differs = f"the `when` of the rule `{rule.id}`", _any_difference(when, proofs)
    yield Stated(what, about, rule.place, rule.when, counts, differs, (fires,))
    if rule.unless is not None:
        counts = nodes.all((proofs.meant, -when.no))
        what = f"the `unless` of the rule `{rule.id}`"
        yield Stated(what, about, rule.place, rule.unless, counts, unless_differs, (fires,), _NEVER)


def _of_argument(argument: Argument, proofs: Proofs) -> Iterator[Stated]:
    nodes = proofs.prover.encoding.nodes
    truth = proofs.prover.encoding.arguments[argument.id]
    when = proofs.truth(argument.when)
    unless = proofs.truth(argument.unless) if argument.unless is not None else _FALSE
    differs = _any_difference(truth, proofs)
    about, place, what = (argument.id,), argument.place, f"of the argument `{argument.id}`"
    both = (truth.yes, truth.no)

    def when_differs(other: Kleene) -> Proposition:
        return differs(all_of((other, unless.negation), nodes))

    def unless_differs(other: Kleene) -> Proposition:
        return differs(all_of((when, other.negation), nodes))

    yield Stated(f"the `when` {what}", about, place, argument.when, proofs.meant, when_differs, both)
    if argument.unless is not None:
        counts = proofs.meant
        yield Stated(f"the `unless` {what}", about, place, argument.unless, counts, unless_differs, both, _NEVER)


def _of_decision(step: Step, stage: Stage, proofs: Proofs) -> Iterator[Stated]:
    key = f"{stage.id}/{step.id}"
    counts = proofs.prover.encoding.nodes.all((proofs.meant, proofs.prover.encoding.passes[key]))
    for answer in step.answers:
        if answer.last is None:
            what = f"the answer {quoted(answer.text)} at `{key}`"
            truth = proofs.truth(answer.when)
            differs = _any_difference(truth, proofs)
            yield Stated(what, (key,), step.place, answer.when, counts, differs, (truth.yes,))


def _any_difference(truth: Kleene, proofs: Proofs) -> Callable[[Kleene], Proposition]:
    nodes = proofs.prover.encoding.nodes
    return lambda other: nodes.any((_unlike(truth.yes, other.yes, proofs), _unlike(truth.no, other.no, proofs)))


def _unlike(one: Proposition, other: Proposition, proofs: Proofs) -> Proposition:
    return proofs.prover.encoding.nodes.choose(one, -other, other)


def _asked_whether_uncertain(program: Program) -> list[str]:
    every = chain.from_iterable(tests_of(condition) for condition in (*conditions_of(program), *claims_of(program)))
    return [test.fact for test in every if test.check == Record("uncertain")]
