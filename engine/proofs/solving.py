"""Asking z3 for values of the variables that make propositions true. z3 is an optional extra, imported when it is
first asked.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from guidewright.engine.proofs.propositions import Proposition, Propositions

Unsolved = Literal["impossible", "undecided"]
"""`impossible`: proved that there is no such model. `undecided`: the time was not enough to say so."""


@dataclass(slots=True)
class Model:
    """The values of propositions that make what was asked true, looked up as they are wanted."""

    _model: Any
    _solver: Solver
    _seen: dict[int, bool] = field(default_factory=dict)

    def __getitem__(self, proposition: Proposition) -> bool:
        waiting = [abs(proposition)]
        while waiting:
            number = waiting[-1]
            content = self._solver.nodes.nodes[number - 1]
            # Only variables are asked of z3: other nodes may have got a name after it gave the model.
            parts = () if isinstance(content, str) else content
            unknown = [abs(part) for part in parts if abs(part) not in self._seen]
            if unknown and number not in self._seen:
                waiting += unknown
                continue
            waiting.pop()
            if isinstance(content, str):
                value = self._model.eval(_literal(number, self._solver), True)
                self._seen[number] = bool(self._solver._z3.is_true(value))
            else:
                self._seen[number] = all(self._seen[abs(part)] is (part > 0) for part in parts)
        return self._seen[abs(proposition)] is (proposition > 0)


class ProverMissing(Exception):
    """z3 is not installed. The message says how to install it."""


@dataclass(slots=True)
class Solver:
    """What z3 has been told of some propositions. New ones may be added at any time; only one thread may ask."""

    nodes: Propositions
    milliseconds: int
    _z3: Any
    _solver: Any
    _known: list[Any] = field(default_factory=list)
    _denied: dict[Proposition, Any] = field(default_factory=dict)
    _unnamed: set[int] = field(default_factory=set)


def solver_of(nodes: Propositions, constraints: Iterable[Proposition], milliseconds: int = 10_000) -> Solver:
    """A solver under constraints that gives each question so much time. Raises `ProverMissing`."""
    try:
        import z3
    except ImportError:
        raise ProverMissing("proofs need z3: pip install 'guidewright[proofs]'") from None
    # A context of its own: what else z3 was asked in this process must not change which model it finds.
    engine = z3.SolverFor("QF_FD", ctx=z3.Context())
    engine.set("timeout", milliseconds)
    # Else z3 takes Ctrl-C for itself, gives up one question, and the program goes on.
    engine.set("ctrl_c", False)
    solver = Solver(nodes, milliseconds, z3, engine)
    for constraint in constraints:
        engine.add(_literal(constraint, solver))
    return solver


def can_be(solver: Solver, wanted: Iterable[Proposition]) -> bool | None:
    """Whether there is a model in which all these propositions are true: false is proved, `None` is undecided. It takes
    much less time than to have one.
    """
    found = solver._solver.check(*(_literal(proposition, solver) for proposition in wanted))
    if found == solver._z3.unsat:
        return False
    return True if found == solver._z3.sat else None


def find(solver: Solver, wanted: Iterable[Proposition]) -> Model | Unsolved:
    """A model in which all these propositions are true."""
    possible = can_be(solver, wanted)
    if possible is None:
        return "undecided"
    return Model(solver._solver.model(), solver) if possible else "impossible"


def _literal(proposition: Proposition, solver: Solver) -> Any:
    """The z3 expression of a proposition, a name or its negation. Nodes that z3 does not know yet are told first. What
    only one other node names has no name of its own before it is asked: the fewer names, the less time a model takes.
    """
    known, new = solver._known, solver.nodes.nodes[len(solver._known) :]
    uses = Counter(abs(part) for node in new if not isinstance(node, str) for part in node)
    for node in new:
        number = len(known) + 1
        if isinstance(node, str):
            known.append(_name(number, solver))
            continue
        known.append(_all([_expression(part, solver) for part in node], solver))
        if uses[number] == 1:
            solver._unnamed.add(number)
        else:
            _give_name(number, solver)
    if abs(proposition) in solver._unnamed:
        _give_name(abs(proposition), solver)
    return _expression(proposition, solver)


def _give_name(number: int, solver: Solver) -> None:
    name = _name(number, solver)
    _tell_same(name, solver._known[number - 1], solver)
    solver._known[number - 1] = name
    solver._unnamed.discard(number)
    solver._denied.pop(-number, None)


def _expression(proposition: Proposition, solver: Solver) -> Any:
    if proposition > 0:
        return solver._known[proposition - 1]
    if proposition not in solver._denied:
        solver._denied[proposition] = solver._z3.Not(solver._known[-proposition - 1])
    return solver._denied[proposition]


# z3's own functions: its operators look at every operand again, which takes four times as long for some 10,000 nodes.


def _name(number: int, solver: Solver) -> Any:
    z3 = solver._z3
    context = solver._solver.ctx
    symbol = z3.Z3_mk_int_symbol(context.ref(), number)
    return z3.BoolRef(z3.Z3_mk_const(context.ref(), symbol, z3.BoolSort(context).ast), context)


def _all(parts: Sequence[Any], solver: Solver) -> Any:
    z3 = solver._z3
    context = solver._solver.ctx
    together = (z3.Ast * len(parts))(*(part.ast for part in parts))
    return z3.BoolRef(z3.Z3_mk_and(context.ref(), len(parts), together), context)


def _tell_same(name: Any, expression: Any, solver: Solver) -> None:
    z3 = solver._z3
    context = solver._solver.ctx
    same = z3.BoolRef(z3.Z3_mk_eq(context.ref(), name.ast, expression.ast), context)
    z3.Z3_solver_assert(context.ref(), solver._solver.solver, same.ast)
