"""The one place that touches durable_rules: rulesets in, one flat fact at a time, out come the names of the rules
that fire.

The C extension is driven by the calls that durable_rules' own Python layer makes for `assert_fact` and `retract_fact`.
Without that layer a firing costs 2 µs instead of 40, starting up 1 ms instead of 20, there are no background threads,
and no consequent can fail unseen: what fires is read from the engine's list of actions. What the engine would still get
wrong is closed here, or by the modules that write its rules:

- What another patient left behind, and a lock that silently stops all rules: every conclusion must quote the fact just
  asserted, every run must end with a rule that always fires, and a ruleset in which anything went wrong is not
  used again.
- Names are compared by a 32-bit hash only, operators included: `Names` hands out names whose hashes differ.
- Numbers: only whole ones of 32 bits go in, so none is printed with an exponent, read in another locale, or rounded.
- Limits whose excess is an error, a hang or a crash: 64 conditions pending for one fact, 31 operators and ends in
a rule,
  128 `or`s or 256 rules on one condition, 512 first conditions, 254 properties, 4,096 rules: rulesets stay far below.
- More than one sid, joins, negation, arithmetic, texts, null, batches and timers are not used.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from importlib import import_module
from threading import Lock
from typing import Protocol, TypeAlias, cast
from weakref import finalize

#: A condition on one fact, as the engine reads it: `{"p1": 3}`, `{"$gte": {"p1": 3}}`, `{"$and": [...]}`.
Pattern: TypeAlias = "dict[str, int | bool | Pattern | list[Pattern]]"

_SID = "s"
_ID = "f"
_ALWAYS = "on"
_LAST = "last"

# A property whose hash equals that of one of these would be taken for it.
_ENGINE_NAMES = (
    *("sid", "id", "name", "all", "any", "pri", "count", "cap", "dist", "$s", "$i", "$l", "$r", "$m", "$forward"),
    *("$eq", "$neq", "$lt", "$lte", "$gt", "$gte", "$mt", "$imt", "$ex", "$nex", "$iall", "$iany", "$and", "$or"),
    *("$add", "$sub", "$mul", "$div", "$time", "$timerName", "$baseTime"),
)


class ReteError(Exception):
    """The rule engine failed, or said what cannot be. Nothing that it said of this patient may be used."""


class _Engine(Protocol):
    """What is used of the extension. Handles and states are numbers; a result of 0 means that all is well."""

    error: type[Exception]

    def create_ruleset(self, name: str, rules: str, /) -> int: ...
    def delete_ruleset(self, handle: int, /) -> None: ...
    def delete_state(self, handle: int, sid: str, /) -> None: ...
    def assert_fact(self, handle: int, fact: str, /) -> tuple[int, int]: ...
    def retract_fact(self, handle: int, fact: str, /) -> tuple[int, int]: ...
    def start_action_for_state(self, handle: int, state: int, /) -> tuple[str, str] | None: ...
    def complete_and_start_action(self, handle: int, state: int, /) -> str | None: ...


def _engine() -> _Engine:
    return cast(_Engine, import_module("durable_rules_engine"))


def rete_available() -> bool:
    """Whether durable_rules can be imported: it is installed, and this Python is older than 3.13."""
    try:
        _engine()
    except ImportError:
        return False
    return True


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
        self._hashes = {name_hash(name) for name in (*_ENGINE_NAMES, _ALWAYS)}

    def fresh(self, name: str) -> str:
        """`name`, or where its hash is taken, `name` with something behind it."""
        while (hashed := name_hash(name)) in self._hashes:
            name += "_"
        self._hashes.add(hashed)
        return name


def definition(rules: Mapping[str, Pattern]) -> str:
    """A ruleset as the engine reads it. Rules fire in this order, and behind them one that fires for every fact."""
    patterns = {**rules, _LAST: {_ALWAYS: 1}}
    return json.dumps({name: {"all": [{"m": pattern}]} for name, pattern in patterns.items()})


class Network:
    """Rulesets in the engine, each built when it is first needed. Threads may share it: a run holds one fact alone.

    Raises `ReteError` where durable_rules cannot be imported.
    """

    __slots__ = ("__weakref__", "_definitions", "_idle", "_lock", "_rules")

    def __init__(self, definitions: Sequence[str]) -> None:
        try:
            self._rules = _engine()
        except ImportError as missing:
            raise ReteError("durable_rules cannot be imported") from missing
        self._definitions = tuple(definitions)
        # The handles of rulesets that hold no fact: built, and their last run ended as it must.
        self._idle: dict[int, int] = {}
        self._lock = Lock()
        finalize(self, _delete, self._rules, self._idle).atexit = False  # type: ignore[misc]

    def run(self, ruleset: int, properties: Sequence[str]) -> list[str]:
        """The names of the rules that fire for a fact with these properties, each written `"name":value`.

        A rule is named once for each way in which its condition holds. Raises `ReteError` where anything is not as it
        must be; the ruleset is then built anew for the next fact.
        """
        fact = f'{{"sid":"{_SID}","id":"{_ID}","{_ALWAYS}":1,{",".join(properties)}}}'
        with self._lock:
            try:
                # Whatever stops this run, an interrupt included: only a ruleset that ends well becomes idle again.
                handle = self._idle.pop(ruleset, None)
                if handle is None:
                    handle = self._rules.create_ruleset(f"r{ruleset}", self._definitions[ruleset])
                fired = self._fired(handle, fact)
                self._idle[ruleset] = handle
            except self._rules.error as problem:
                raise ReteError(f"the rule engine failed: {problem}") from problem
        return fired

    def _fired(self, handle: int, fact: str) -> list[str]:
        rules = self._rules
        ending = f'":{{"m":{fact}}}}}'
        fired: list[str] = []
        result, state = rules.assert_fact(handle, fact)
        if result != 0:
            raise ReteError(f"the rule engine did not take a fact (result {result})")
        started = rules.start_action_for_state(handle, state)
        action = started[1] if started is not None else None
        while action is not None:
            if not action.endswith(ending):
                raise ReteError("the rule engine concluded something from another fact")
            fired.append(action[2 : -len(ending)])
            action = rules.complete_and_start_action(handle, state)
        if not fired or fired.pop() != _LAST:
            raise ReteError("the rule engine stopped before its last rule")
        result, _ = rules.retract_fact(handle, fact)
        if result != 0:
            raise ReteError(f"the rule engine did not forget a fact (result {result})")
        return fired


def _delete(rules: _Engine, idle: dict[int, int]) -> None:
    """Give back what the rulesets of a network hold. Safe because each has fired a rule (else the state is garbage)."""
    for handle in idle.values():
        rules.delete_state(handle, _SID)
        rules.delete_ruleset(handle)
    idle.clear()
