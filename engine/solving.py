"""Asking z3 for values of the variables that make propositions true. z3 is an optional extra, imported when it is
first asked.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Literal

from guidewright.engine.propositions import Proposition, Propositions

Unsolved = Literal["impossible", "undecided"]
"""`impossible`: proved that there is no such model. `undecided`: the time was not enough to say so."""


@dataclass(slots=True)
class Model:
    """The values of propositions that make what was asked true, looked up as they are wanted."""

    _model: Any
    _solver: Solver
    _seen: dict[Proposition, bool] = field(default_factory=dict)

    def __getitem__(self, proposition: Proposition) -> bool:
        if proposition not in self._seen:
            value = self._model.eval(_literal(proposition, self._solver), True)
            self._seen[proposition] = bool(self._solver._z3.is_true(value))
        return self._seen[proposition]


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


def solver_of(nodes: Propositions, constraints: Iterable[Proposition], milliseconds: int = 10_000) -> Solver:
    """A solver under constraints that gives each question so much time. Raises `ProverMissing`."""
    try:
        import z3
    except ImportError:
        raise ProverMissing("proofs need z3: pip install 'guidewright[proofs]'") from None
    engine = z3.SolverFor("QF_FD")
    engine.set("timeout", milliseconds)
    solver = Solver(nodes, milliseconds, z3, engine)
    for constraint in constraints:
        engine.add(_literal(constraint, solver))
    return solver


def find(solver: Solver, wanted: Iterable[Proposition]) -> Model | Unsolved:
    """A model in which all these propositions are true."""
    z3 = solver._z3
    found = solver._solver.check(*(_literal(proposition, solver) for proposition in wanted))
    if found == z3.unsat:
        return "impossible"
    if found != z3.sat:
        return "undecided"
    return Model(solver._solver.model(), solver)


def _literal(proposition: Proposition, solver: Solver) -> Any:
    """The z3 expression of a proposition; nodes that z3 does not know yet are told first, each as one name."""
    z3 = solver._z3
    while len(solver._known) < len(solver.nodes.nodes):
        number = len(solver._known) + 1
        node = solver.nodes.nodes[number - 1]
        name = z3.Bool(str(number))
        solver._known.append(name)
        if not isinstance(node, str):
            parts = [solver._known[abs(part) - 1] if part > 0 else z3.Not(solver._known[-part - 1]) for part in node]
            solver._solver.add(name == (z3.And(*parts) if parts else z3.BoolVal(True)))
    known = solver._known[abs(proposition) - 1]
    return known if proposition > 0 else z3.Not(known)
