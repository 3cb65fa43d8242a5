"""The one place that touches durable_rules: rulesets in, one flat fact at a time, out come the names of the rules that fired.

The C extension is driven by the calls that durable_rules' own Python layer makes for `assert_fact` and `retract_fact`. Leaving that
layer out makes a firing cost 2 µs instead of 40, saves 20 ms of imports, starts no threads, and leaves nothing to run in a
consequent: what fired is read from the engine's own list of actions. What remains dangerous is closed here or by `rete_rules`:

- state left behind by another patient, or a lock that silently stops all rules: every conclusion must quote the fact just asserted,
  every run must end with the rule `_LAST`, and a ruleset in which anything went wrong is never used again;
- names compared by a 32-bit hash only, operators included: `Names` hands out names whose hashes differ;
- numbers: only whole ones of 32 bits go in, so no float is printed, parsed (by the locale!), rounded or compared;
- more than 64 conditions pending for one fact (error 303), 32 operators in a rule (113), 256 rules on a condition or 512 first
  conditions (crash, hang): `rete_rules` keeps rulesets and rules far below;
- 1,024 sids: there is one, fixed; joins, negation, arithmetic, null, batches and timers: never used.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from importlib import import_module
from threading import Lock
from typing import Protocol, TypeAlias, cast
from weakref import finalize

#: A condition of one fact, as the engine reads it: `{"p1": 3}`, `{"$gte": {"p1": 3}}`, `{"$and": [...]}`.
Pattern: TypeAlias = dict[str, "int | bool | Pattern | list[Pattern]"]

_SID = "s"
_ID = "f"
_RAN = "ran"
_LAST = "last"

# Names that mean something to the engine: a property whose hash equals one of theirs would be taken for it.
_ENGINE_NAMES = (
    *("sid", "id", "name", "all", "any", "pri", "count", "cap", "dist", "$s", "$i", "$l", "$r", "$m", "$forward"),
    *("$eq", "$neq", "$lt", "$lte", "$gt", "$gte", "$mt", "$imt", "$ex", "$nex", "$iall", "$iany", "$and", "$or"),
    *("$add", "$sub", "$mul", "$div", "$time", "$timerName", "$baseTime"),
)


class ReteError(Exception):
    """The rule engine failed, or said something that cannot be: nothing that it said for this patient may be used."""


class _Engine(Protocol):
    """What is used of the extension. Handles and states are numbers; a result of 0 means that all is well."""

    def create_ruleset(self, name: str, rules: str, /) -> int: ...
    def delete_ruleset(self, handle: int, /) -> None: ...
    def delete_state(self, handle: int, sid: str, /) -> None: ...
    def assert_fact(self, handle: int, fact: str, /) -> tuple[int, int]: ...
    def retract_fact(self, handle: int, fact: str, /) -> tuple[int, int]: ...
    def start_action_for_state(self, handle: int, state: int, /) -> tuple[str, str] | None: ...
    def complete_and_start_action(self, handle: int, state: int, /) -> str | None: ...


def rete_available() -> bool:
    """Whether durable_rules can be imported: it is installed, and this Python is older than 3.13 (there its import fails)."""
    try:
        _engine()
    except ImportError:
        return False
    return True


def _engine() -> _Engine:
    return cast(_Engine, import_module("durable_rules_engine"))


def name_hash(name: str) -> int:
    """FNV-1a of 32 bits: all that the engine compares of a property's name."""
    found = 0x811C9DC5
    for byte in name.encode():
        found = (found ^ byte) * 0x01000193 & 0xFFFFFFFF
    return found


class Names:
    """Hands out names of properties that the engine cannot mistake for each other, nor for its own."""

    __slots__ = ("_hashes",)

    def __init__(self) -> None:
        self._hashes = {name_hash(name) for name in (*_ENGINE_NAMES, _RAN)}

    def fresh(self, name: str) -> str:
        """`name`, or where its hash is taken already, `name` with something behind it."""
        while (hashed := name_hash(name)) in self._hashes:
            name += "_"
        self._hashes.add(hashed)
        return name


def definition(rules: Mapping[str, Pattern]) -> str:
    """A ruleset as the engine reads it. Rules fire in this order; a last one fires whatever the fact is, and so says that all ran."""
    patterns = {**rules, _LAST: {_RAN: 1}}
    return json.dumps({name: {"all": [{"m": pattern}]} for name, pattern in patterns.items()})


class Network:
    """Rulesets in the engine, each built when it is first needed. Threads may share it: a run is one patient's alone.

    Raises `ReteError` where durable_rules cannot be imported.
    """

    __slots__ = ("__weakref__", "_definitions", "_handles", "_lock", "_rules")

    def __init__(self, definitions: Sequence[str]) -> None:
        try:
            self._rules = _engine()
        except ImportError as missing:
            raise ReteError("durable_rules cannot be imported") from missing
        self._definitions = tuple(definitions)
        self._handles: dict[int, int] = {}
        self._lock = Lock()
        finalize(self, _delete, self._rules, self._handles)

    def run(self, ruleset: int, properties: Sequence[str]) -> list[str]:
        """The names of the rules of a ruleset that fire for a fact with these properties, each written `"name":value`.

        A rule may be named several times (once for each branch of an `or`). Raises `ReteError` where anything is not as it must be;
        the ruleset is then built anew for the next patient.
        """
        fact = f'{{"sid":"{_SID}","id":"{_ID}","{_RAN}":1,{",".join(properties)}}}'
        with self._lock:
            try:
                handle = self._handle(ruleset)
                fired = self._fired(handle, fact)
            except BaseException as problem:
                # Whatever the ruleset still holds of this patient goes with it. It is not deleted: its memory is not to be trusted.
                self._handles.pop(ruleset, None)
                if isinstance(problem, ReteError) or not isinstance(problem, Exception):
                    raise
                raise ReteError(f"the rule engine failed: {problem}") from problem
        return fired

    def _handle(self, ruleset: int) -> int:
        handle = self._handles.get(ruleset)
        if handle is None:
            handle = self._rules.create_ruleset(f"r{ruleset}", self._definitions[ruleset])
            self._handles[ruleset] = handle
        return handle

    def _fired(self, handle: int, fact: str) -> list[str]:
        rules = self._rules
        quoted = f'":{{"m":{fact}}}}}'
        fired: list[str] = []
        result, state = rules.assert_fact(handle, fact)
        if result != 0:
            raise ReteError(f"the rule engine did not take a fact (result {result})")
        started = rules.start_action_for_state(handle, state)
        action = started[1] if started is not None else None
        while action is not None:
            # What fired says of which fact: anything but this patient's was left behind by another.
            if not action.endswith(quoted):
                raise ReteError("the rule engine concluded something from another fact")
            fired.append(action[2 : -len(quoted)])
            action = rules.complete_and_start_action(handle, state)
        if not fired or fired.pop() != _LAST:
            raise ReteError("the rule engine stopped before its last rule")
        result, _ = rules.retract_fact(handle, fact)
        if result != 0:
            raise ReteError(f"the rule engine did not forget a fact (result {result})")
        return fired


def _delete(rules: _Engine, handles: dict[int, int]) -> None:
    """Give back what the rulesets of a network hold. Each has run to its end, which is what makes this safe."""
    for handle in handles.values():
        rules.delete_state(handle, _SID)
        rules.delete_ruleset(handle)
    handles.clear()
