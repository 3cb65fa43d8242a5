"""Random guidelines and random patients, made as an author and a record would write them.

Everything is made from one `random.Random`. Hypothesis gives one that it controls and shrinks; a long campaign gives a
plain one, which is many times faster. A guideline is plain data, written as YAML texts and read by the loader, so that
nothing is ever tested that an author could not write.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from fractions import Fraction
from random import Random
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from guidewright.rules.load import check_texts
from guidewright.rules.model import Guideline
from guidewright.rules.patient import Patient, patient_from

AS_OF = date(2021, 6, 15)
EXAMPLES = int(os.environ.get("GUIDEWRIGHT_EXAMPLES", "0"))
"""How many examples a property is tried on; without it, a few, and always the same ones."""

STEADY = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much, HealthCheck.large_base_example]


def tried(examples: int) -> settings:
    """The settings of a property: so many examples, always the same; or as many as the environment says, at random."""
    return settings(
        max_examples=EXAMPLES or examples,
        derandomize=not EXAMPLES,
        database=None,
        deadline=None,
        suppress_health_check=STEADY,
    )


@dataclass(frozen=True)
class Wanted:
    """What a guideline may hold. A property that only holds without something leaves it out."""

    record_tests: bool = True
    unless: bool = True
    replacing: bool = True
    tolerance: bool = True
    questions: bool = True
    pathway: bool = True
    applies: bool = True
    problems: bool = True


EVERYTHING = Wanted()


@dataclass
class _Made:
    """The facts so far, with what is needed to write tests and records of them."""

    random: Random
    wanted: Wanted
    kinds: dict[str, dict[str, Any]] = field(default_factory=dict)
    parameters: dict[str, dict[str, Any]] = field(default_factory=dict)
    rows: int = 0

    def chance(self, percent: int) -> bool:
        return self.random.randrange(100) < percent

    def some(self, many: Any, least: int, most: int) -> list[Any]:
        pool = list(many)
        return self.random.sample(pool, min(len(pool), self.random.randint(least, most)))

    def of(self, *types: str, unit: str | None = None) -> list[str]:
        return [
            id
            for id, fact in self.kinds.items()
            if fact["type"] in types and (unit is None or fact.get("unit") == unit)
        ]


EXPERT = {"expert": True}


def guideline_data(random: Random, wanted: Wanted = EVERYTHING) -> dict[str, Any]:
    """The files of a guideline as plain data, by file name."""
    made = _Made(random, wanted)
    _add_facts(made)
    _add_parameters(made)
    facts = dict(made.kinds)
    for id in facts:
        _add_only_if(id, made)
    for number in range(random.randint(0, 6)):
        _add_derived(f"d{number}", made)
    weigh = _weighing(made) if made.chance(50) else None
    names = dict(made.kinds)
    if weigh is not None:
        candidates = weigh["w"]["candidates"]
        made.kinds["w.confirmed"] = {"type": "choice", "values": {id: id for id in candidates}}
    rules = _rules(made)
    stages = [
        _stage("first", rules[: len(rules) // 2], None, made),
        _stage("second", rules[len(rules) // 2 :], weigh, made),
    ]
    made.kinds.pop("w.confirmed", None)
    header: dict[str, Any] = {
        "id": "g",
        "title": "T",
        "version": "0.1.0",
        "status": "test",
        "language": "en",
        "grading": {"strength": {"strong": "Strong", "weak": "Weak"}},
        "actions": {
            "a": {"label": "A"},
            "a1": {"label": "A1", "part_of": "a"},
            "a2": {"label": "A2", "part_of": "a1"},
            "b": {"label": "B"},
        },
        "stages": ["first", "second"],
    }
    if made.parameters:
        header["parameters"] = made.parameters
    if wanted.applies and made.chance(30):
        header["applies"] = _condition(made, 1)
    return {
        "guideline.yaml": header,
        "facts.yaml": {"facts": names},
        "sources.yaml": {
            "sources": {
                "s": {
                    "cite": "C",
                    "kind": "guideline",
                    "read": "full-text",
                    "statements": {"S1": {"says": "x"}, "S2": {"says": "y"}},
                }
            }
        },
        "1-first.yaml": stages[0],
        "2-second.yaml": stages[1],
    }


# --- facts


def _add_facts(made: _Made) -> None:
    kinds = ["boolean", "boolean", "integer", "quantity", "choice", "choices", "date"]
    for number, kind in enumerate([*kinds, *made.random.choices([*kinds, "text"], k=made.random.randint(0, 5))]):
        id = f"g{number % 3}.{kind}{number}"
        made.kinds[id] = _fact(kind, made)
        made.kinds[id]["label"] = f"Fact {number}"
        if made.wanted.questions and made.chance(20):
            made.kinds[id]["question"] = f"What is {number}?"


def _fact(kind: str, made: _Made) -> dict[str, Any]:
    random = made.random
    fact: dict[str, Any] = {"type": kind}
    match kind:
        case "integer":
            if made.chance(60):
                fact["range"] = random.choice([[0, 4], [1, 12], [-2, 3]])
        case "quantity":
            fact["unit"] = random.choice(["mm", "mm", "1", "mo", "g/L"])
            if made.chance(60):
                fact["range"] = random.choice([[0, 10], [1, 6], [-3, 3]])
        case "choice":
            values: dict[str, Any] = {id: id.upper() for id in ("x", "y", "z", "none")[: random.randint(2, 4)]}
            fact["ordered"] = made.chance(40)
            if made.chance(40):
                values["vague"] = {"label": "Vague", "may_be": ["x", "y"]}
            fact["values"] = values
        case "choices":
            fact["values"] = {"1": "One", "2": "Two", "3": "Three"}
            if made.chance(20):
                fact["values"]["odd"] = {"label": "Odd", "may_be": ["1", "3"]}
        case "date":
            fact["future"] = made.chance(30)
    return fact


def _add_parameters(made: _Made) -> None:
    made.parameters["length"] = {"value": "3 mm", "label": "A length", "expert": True}
    made.parameters["count"] = {"value": "2", "label": "A count", "expert": True}
    made.parameters["day"] = {"value": "2020-02-29", "label": "A day", "expert": True}


def _add_only_if(id: str, made: _Made) -> None:
    """Facts may apply only if something holds of facts before them, so that there is no circle."""
    before = list(made.kinds)[: list(made.kinds).index(id)]
    if before and made.chance(25):
        part = replace(made.wanted, record_tests=made.wanted.record_tests)
        earlier = _Made(made.random, part, {name: made.kinds[name] for name in before}, made.parameters)
        made.kinds[id]["only_if"] = _condition(earlier, 1)


def _add_derived(id: str, made: _Made) -> None:
    random = made.random
    fact = random.choice([_by_formula, _by_formula, _by_holds, _by_table, _by_table, _by_score])(made)
    if fact is None:
        return
    fact["label"] = f"Derived {id}"
    if made.wanted.questions and made.chance(25):
        fact["question"] = f"What is {id}?"
    if made.chance(20):
        fact["only_if"] = _condition(made, 1)
    if made.wanted.tolerance and made.chance(40):
        match fact["type"]:
            case "integer":
                fact["tolerance"] = random.choice([1, 2])
            case "quantity":
                fact["tolerance"] = random.choice(["1", "0.5"]) + ("" if fact["unit"] == "1" else f" {fact['unit']}")
            case "date":
                fact["tolerance"] = random.choice(["1 d", "400 d"])
    made.kinds[id] = fact


def _formula_for(kind: str, unit: str | None, made: _Made) -> str | None:
    random = made.random
    found: list[str] = []
    if kind == "integer":
        numbers = made.of("integer")
        if numbers:
            a, b = random.choice(numbers), random.choice(numbers)
            found += [
                f"{a} + {b}",
                f"{a} - {b}",
                f"{a} * {b}",
                f"max({a}, {b})",
                f"min({a}, 2)",
                f"abs({a} - {b})",
                f"{a} + 1",
            ]
            found += [f"floor({a} * 0.5)", f"round({a} * 1.5)"]
    elif unit == "mm":
        lengths = made.of("quantity", unit="mm")
        if lengths:
            a, b = random.choice(lengths), random.choice(lengths)
            found += [
                f"{a} + {b}",
                f"{a} - {b}",
                f"abs({a} - {b})",
                f"max({a}, {b})",
                f"{a} * 2",
                f"{a} / 2",
                f"round({a})",
            ]
    elif unit == "1":
        numbers = [*made.of("integer"), *made.of("quantity", unit="1")]
        if numbers:
            a, b = random.choice(numbers), random.choice(numbers)
            found += [f"{a} * 1.5 - {b}", f"({a} + {b}) / 2", f"exp({a} / 10)"]
            if made.wanted.problems:
                found += [f"{a} / {b}", f"sqrt({a})", f"1 / ({a} - 1)", f"ln({a})"]
        lengths = made.of("quantity", unit="mm")
        if lengths and made.wanted.problems:
            found += [f"{random.choice(lengths)} / {random.choice(lengths)}"]
    elif unit in ("mo", "a", "d"):
        days = [*made.of("date"), "as_of"]
        a, b = random.choice(days), random.choice(days)
        function = {"mo": "months_between", "a": "years_between", "d": "days_between"}[unit]
        found += [f"{function}({a}, {b})", f"abs({function}({a}, {b}))"] if a != b else []
    return random.choice(found) if found else None


def _number_kind(made: _Made) -> dict[str, Any]:
    unit = made.random.choice([None, "mm", "1", "mo", "d", "a"])
    fact: dict[str, Any] = {"type": "integer"} if unit is None else {"type": "quantity", "unit": unit}
    if made.wanted.problems and made.chance(30):
        fact["range"] = made.random.choice([[0, 10], [-5, 40]])
    return fact


def _by_formula(made: _Made) -> dict[str, Any] | None:
    if made.chance(15) and made.of("quantity"):
        # A published equation takes the bare numbers, whatever their units are.
        numbers = made.of("quantity", "integer")
        a, b = made.random.choice(made.of("quantity")), made.random.choice(numbers)
        return {"type": "quantity", "unit": "mm", "empirical": True, "formula": f"{a} * 2 + {b}"}
    fact = _number_kind(made)
    formula = _formula_for(fact["type"], fact.get("unit"), made)
    return None if formula is None else {**fact, "formula": formula}


def _by_holds(made: _Made) -> dict[str, Any]:
    return {"type": "boolean", "holds": _condition(made, 2)}


def _by_table(made: _Made) -> dict[str, Any]:
    random = made.random
    kind = random.choice(["choice", "boolean", "number", "choices", "date"])
    fact = _number_kind(made) if kind == "number" else _fact(kind, made)
    unit = fact.get("unit")
    if fact["type"] == "quantity" and made.chance(40):
        unit = fact["unit"] = random.choice(["mm", "mg/L"])
        fact["empirical"] = True

    def given() -> dict[str, Any]:
        formula = None
        if kind == "number" and made.chance(50):
            numbers = made.of("quantity", "integer")
            formula = f"{random.choice(numbers)} * 2" if "empirical" in fact else _formula_for(fact["type"], unit, made)
        return {"value": _value_of(fact, made)} if formula is None else {"formula": formula}

    rows: list[dict[str, Any]] = []
    for _ in range(random.randint(1, 4)):
        row = {"when": _condition(made, 1), **given()}
        rows.append({**row, **_row_id(made)})
    if made.chance(50):
        rows.append({"otherwise": True, **given(), **_row_id(made)})
    return {**fact, "table": rows}


def _row_id(made: _Made) -> dict[str, Any]:
    if not made.chance(60):
        return {}
    made.rows += 1
    return {"id": f"ROW{made.rows}", **EXPERT}


def _by_score(made: _Made) -> dict[str, Any]:
    random = made.random
    whole = made.chance(60)
    fact: dict[str, Any] = {"type": "integer"} if whole else {"type": "quantity", "unit": "1"}
    if made.wanted.problems and made.chance(20):
        fact["range"] = [0, 3]
    points = [1, 2, 3, -1, 0] if whole else [1, 0.5, 1.5, -2]
    most = 13 if made.chance(10) else 4
    rows = [
        {"when": _condition(made, 1), "points": random.choice(points), **_row_id(made)}
        for _ in range(random.randint(1, most))
    ]
    return {**fact, "score": rows}


def _in_range(fact: dict[str, Any], value: Any) -> Any:
    low, high = fact.get("range", (None, None))
    return value if low is None else sorted([value, low, high], key=_sort_key)[1]


NUMBERS = [-3, -1, 0, 1, 1.5, 2, 2.5, 3, 4, 5, 6, 8.25, 10, 12, 40]
DAYS = ["2019-12-31", "2020-01-01", "2020-02-29", "2020-03-01", "2020-06-15", "2021-06-14", "2021-06-15", "2021-06-16"]


def _number(fact: dict[str, Any], made: _Made) -> Any:
    value = made.random.choice([n for n in NUMBERS if fact["type"] != "integer" or isinstance(n, int)])
    return _in_range(fact, value)


def _with_unit(value: Any, fact: dict[str, Any]) -> Any:
    return f"{value} {fact['unit']}" if fact["type"] == "quantity" and fact["unit"] != "1" else value


def _precise(fact: dict[str, Any]) -> list[str]:
    return [id for id, value in fact["values"].items() if not isinstance(value, dict) or "may_be" not in value]


def _value_of(fact: dict[str, Any], made: _Made, past: bool = False) -> Any:
    match fact["type"]:
        case "boolean":
            return made.chance(50)
        case "integer" | "quantity":
            return _with_unit(_number(fact, made), fact)
        case "choice":
            return made.random.choice(_precise(fact))
        case "choices":
            return made.some(_precise(fact), 0, 3)
        case "date":
            return made.random.choice(DAYS[:-1] if past else DAYS)
        case _:
            return "words"


# --- conditions


def _condition(made: _Made, depth: int) -> dict[str, Any]:
    """A mapping from facts to tests, perhaps with `any`, `all` and `not`."""
    pool = [id for id, fact in made.kinds.items() if fact["type"] != "text" or made.wanted.record_tests]
    found: dict[str, Any] = {id: _test(made.kinds[id], made) for id in made.some(pool, 1, 2)}
    if depth and made.chance(35):
        word = made.random.choice(["any", "all"])
        found[word] = [_condition(made, depth - 1) for _ in range(made.random.randint(1, 3))]
    if depth and made.chance(20):
        found["not"] = _condition(made, depth - 1)
    return found


def _test(fact: dict[str, Any], made: _Made) -> Any:
    random, kind = made.random, fact["type"]
    if kind == "text":
        return random.choice(["known", "unknown", "uncertain"])
    if made.wanted.record_tests and made.chance(15):
        return random.choice(["known", "unknown", "uncertain"])
    if made.chance(8) and "none" not in fact.get("values", {}):
        return "none"
    match kind:
        case "boolean":
            return "!= true" if made.chance(10) else made.chance(60)
        case "choice":
            if made.wanted.record_tests and made.chance(15) and "vague" in fact["values"]:
                return "vague"
            if made.chance(30):
                operators = ["<", "<=", ">", ">=", "!="] if fact.get("ordered") else ["!="]
                return f"{random.choice(operators)} {_value_of(fact, made)}"
            chosen = made.some(_precise(fact), 1, 2)
            return chosen if made.chance(50) else chosen[0]
        case "choices":
            if made.wanted.record_tests and made.chance(15) and "odd" in fact["values"]:
                return "odd"
            chosen = made.some(_precise(fact), 1, 2)
            return chosen if made.chance(50) else chosen[0]
    return _ordered_test(fact, made)


def _ordered_test(fact: dict[str, Any], made: _Made) -> Any:
    random = made.random

    def operand() -> str:
        if made.chance(20):
            name = {"date": "day", "integer": "count"}.get(fact["type"], "length" if fact.get("unit") == "mm" else None)
            low, high = fact.get("range", (-10, 100))
            if name is not None and low <= 2 and high >= 3:
                return "{" + name + "}"
        return str(_value_of(fact, made))

    shape = random.randrange(10)
    if shape < 5:
        return f"{random.choice(['<', '<=', '>', '>=', '!='])} {operand()}"
    if shape < 7:
        one = operand()
        return one if one.startswith("{") or fact["type"] != "integer" else int(one)
    if shape == 7:
        listed = list(dict.fromkeys(str(_value_of(fact, made)) for _ in range(random.randint(1, 3))))
        if len({text.replace(".0 ", " ").removesuffix(".0") for text in listed}) == len(listed):
            return listed
    pair = sorted([_value_of(fact, made), _value_of(fact, made)], key=_sort_key)
    left, right = random.choice("[("), random.choice("])")
    if _sort_key(pair[0]) == _sort_key(pair[1]):
        left, right = "[", "]"
    return f"{left}{pair[0]}..{pair[1]}{right}"


def _sort_key(value: Any) -> Any:
    if isinstance(value, str) and value.count("-") == 2:
        return value
    return Fraction(str(value).split(" ")[0])


# --- rules, arguments, ways


def _rules(made: _Made) -> list[dict[str, Any]]:
    """Rules that replace each other only downwards: from one that stands earlier to one that stands later."""
    random, wanted = made.random, made.wanted
    count = random.randint(3, 9)
    middle = random.randrange(count)
    rules: list[dict[str, Any]] = []
    for number in range(count):
        kind = random.choice(["do", "do", "consider", "avoid", "flag", "inform", "ask"])
        rule: dict[str, Any] = {"id": f"R{number}", kind: f"Rule {number}"}
        if kind == "ask":
            rule |= {"ask": made.some([id for id in made.kinds if id != "w.confirmed"], 1, 3), "says": "Ask"}
        rule["when"] = {} if made.chance(5) else _condition(made, 2)
        if wanted.unless and made.chance(30):
            rule["unless"] = _condition(made, 1)
        if wanted.replacing:
            if number <= middle and made.chance(40):
                rule["stops"] = made.some(["a", "a1", "a2", "b"], 1, 2)
            if number >= middle and kind in ("do", "consider") and made.chance(70):
                rule["acts"] = made.some(["a", "a1", "a2", "b"], 1, 2)
                if _stops(rule, rule):
                    del rule["stops"]
                opposed = [other["id"] for other in rules if _stops(other, rule)]
                if opposed and made.chance(40):
                    rule["despite"] = made.some(opposed, 1, 2)
        if kind in ("do", "consider") and made.chance(20) and made.of("date"):
            every = random.choice([{"every": ["3 mo", "4 mo"]}, {"once": "2 wk"}, {"every": "1 a"}])
            rule["timing"] = {**every, "from": random.choice(made.of("date")), "until": "3 a"}
        if made.chance(50):
            rule["strength"] = random.choice(["strong", "weak"])
        rule |= EXPERT if made.chance(50) else {"because": ["s.S1"], "although": ["s.S2"]}
        rules.append(rule)
    if wanted.replacing:
        for number, rule in enumerate(rules[:-1]):
            if made.chance(25):
                rule["overrides"] = made.some([other["id"] for other in rules[number + 1 :]], 1, 2)
    random.shuffle(rules)
    return rules


WHOLE = {"a": ("a",), "a1": ("a1", "a"), "a2": ("a2", "a1", "a"), "b": ("b",)}


def _stops(other: dict[str, Any], rule: dict[str, Any]) -> bool:
    return any(action in other.get("stops", ()) for acted in rule["acts"] for action in WHOLE[acted])


def _weighing(made: _Made) -> dict[str, Any]:
    random = made.random
    candidates: dict[str, Any] = {}
    number = 0
    for id in ("p", "q", "r")[: random.randint(2, 3)]:
        arguments = []
        for _ in range(random.randint(1, 4)):
            number += 1
            way = random.choice(
                [{"supports": 2}, {"supports": 1.5}, {"opposes": 1}, {"confirms": True}, {"excludes": True}]
            )
            argument = {"id": f"A{number}", "says": "S", **way, "when": _condition(made, 1), **EXPERT}
            if made.chance(20):
                argument["unless"] = _condition(made, 0)
            arguments.append(argument)
        candidates[id] = {"label": id, "arguments": arguments}
    return {"w": {"question": "Which?", "candidates": candidates}}


def _stage(id: str, rules: list[dict[str, Any]], weigh: dict[str, Any] | None, made: _Made) -> dict[str, Any]:
    stage: dict[str, Any] = {"stage": id, "title": id, "rules": rules}
    if weigh is not None:
        stage["weigh"] = weigh
    names = [rule["id"] for rule in rules]
    if not made.wanted.pathway or made.chance(30):
        return {**stage, "beside": names} if names else stage
    steps: dict[str, Any] = {}
    count = made.random.randint(1, 4)
    ids = ["start", *(f"s{n}" for n in range(count)), "done"]
    for number, name in enumerate(ids[:-1]):
        later = ids[number + 1 :]
        standing = [names.pop() for _ in range(made.random.randint(0, min(2, len(names))))]
        step: dict[str, Any] = {"title": f"Step {name}", "go": later[0]}
        if number and made.chance(70):
            step = {"decide": "Which way?", "answers": _answers(later, made)}
        elif weigh is not None and made.chance(50):
            step = {"weigh": "w", "go": later[0]}
        steps[name] = {**step, **({"rules": standing} if standing else {})}
    steps["done"] = made.random.choice([{"end": "Done"}, {"link": "start"}])
    stage["pathway"] = steps
    if names:
        stage["beside"] = names
    return stage


def _answers(later: list[str], made: _Made) -> list[dict[str, Any]]:
    answers: list[dict[str, Any]] = []
    for number in range(made.random.randint(1, 2)):
        go = later[0] if number == 0 else made.random.choice(later)
        answers.append({"answer": f"Answer {number}", "when": _condition(made, 1), "go": go})
    last = made.random.choice(
        [{"otherwise": True}, {"otherwise": True}, {"assumed": True}, {"when": _condition(made, 1)}]
    )
    return [*answers, {"answer": "Last", **last, "go": made.random.choice(later)}]


# --- guidelines


def texts_of(data: dict[str, Any]) -> dict[str, str]:
    """Plain data as YAML. JSON is YAML; what matters here is not the layout."""
    return {name: json.dumps(content, ensure_ascii=False) for name, content in data.items()}


def small_texts(facts: dict[str, Any], rules: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """The files of a guideline with these facts, and with rules of which each says at least its `when`."""
    return {
        "guideline.yaml": {
            "id": "g",
            "title": "T",
            "version": "0.1.0",
            "status": "s",
            "language": "en",
            "stages": ["s"],
        },
        "facts.yaml": {"facts": facts},
        "1-s.yaml": {
            "stage": "s",
            "title": "S",
            "beside": list(rules),
            "rules": [{"id": id, "do": id, **EXPERT, **rule} for id, rule in rules.items()],
        },
    }


def loaded(data: dict[str, Any]) -> Guideline:
    """The guideline that this data is. Fails, with everything that is wrong, where the loader refuses it."""
    found = check_texts(texts_of(data), [], "g")
    if found.guideline is None:
        raise AssertionError(
            "\n".join(f"{d.message} ({d.help}) {d.place.file}" for d in found.diagnostics if d.severity == "error")
        )
    return found.guideline


# --- patients


@dataclass(frozen=True)
class Recording:
    """What a record may hold."""

    derived: bool = True
    missing: int = 35


EVERY_SHAPE = Recording()


def record_data(data: dict[str, Any], random: Random, recording: Recording = EVERY_SHAPE) -> dict[str, Any]:
    """A record of the facts of a guideline, as plain data."""
    made = _Made(random, EVERYTHING)
    found: dict[str, Any] = {}
    for id, fact in data["facts.yaml"]["facts"].items():
        is_derived = any(key in fact for key in ("formula", "holds", "table", "score"))
        if is_derived and not (recording.derived and made.chance(25)):
            continue
        if not is_derived and made.chance(recording.missing):
            continue
        found[id] = _recorded(fact, made)
    return found


def _recorded(fact: dict[str, Any], made: _Made) -> Any:
    shape = made.random.randrange(100)
    if shape < 4:
        return "unknown"
    if shape < 8 and "none" not in fact.get("values", {}) and fact["type"] != "text":
        return "none"
    if shape < 28 and fact["type"] != "text":
        values = [_single_record(fact, made) for _ in range(made.random.randint(2, 3))]
        return {
            "one_of": [
                value if made.chance(50) else {"value": value, "source": f"s{i}"} for i, value in enumerate(values)
            ]
        }
    value = _single_record(fact, made)
    return {"value": value, "source": "letter", "on": "2021-01"} if made.chance(20) else value


def _single_record(fact: dict[str, Any], made: _Made) -> Any:
    random, kind = made.random, fact["type"]
    if kind == "choice" and "vague" in fact["values"] and made.chance(30):
        return "vague"
    if kind == "choices" and made.chance(30):
        return random.choice(list(fact["values"]))
    if kind == "date":
        if made.chance(25):
            return random.choice(["2020", "2020-02", "2021-06", "2019"])
        if made.chance(20):
            first, last = sorted(random.sample(DAYS[:-1], 2))
            return random.choice([f"[{first}..{last}]", f"<= {first}", f"> {first}", f"[{first}..{last})"])
    if kind in ("integer", "quantity") and made.chance(30):
        one, other = sorted([_number(fact, made), _number(fact, made)], key=_sort_key)
        if _sort_key(one) != _sort_key(other):
            low, high = _with_unit(one, fact), _with_unit(other, fact)
            shapes = [f"< {high}", f"<= {low}", f"> {low}", f">= {high}", f"[{low}..{high}]"]
            return random.choice(shapes if kind == "integer" else [*shapes, f"({low}..{high})", f"[{low}..{high})"])
    return _value_of(fact, made, past=not fact.get("future"))


def patient_of(facts: dict[str, Any], guideline: Guideline, as_of: date = AS_OF) -> Patient:
    """The patient whose record this is. Fails, with everything that is wrong, where it is refused."""
    read = patient_from(facts, guideline, as_of, as_of, "p")
    if read.patient is None:
        raise AssertionError("\n".join(f"{d.message} {d.place}" for d in read.diagnostics))
    return read.patient


# --- for hypothesis


@dataclass(frozen=True)
class Case:
    """A guideline with some records, both also as the plain data they were made from."""

    data: dict[str, Any]
    guideline: Guideline
    records: tuple[dict[str, Any], ...]
    random: Random = field(repr=False)

    def patients(self) -> list[Patient]:
        return [patient_of(record, self.guideline) for record in self.records]


def made_case(
    random: Random, wanted: Wanted = EVERYTHING, recording: Recording = EVERY_SHAPE, patients: int = 3
) -> Case:
    data = guideline_data(random, wanted)
    guideline = loaded(data)
    return Case(data, guideline, tuple(record_data(data, random, recording) for _ in range(patients)), random)


@st.composite
def cases(draw: st.DrawFn, wanted: Wanted = EVERYTHING, recording: Recording = EVERY_SHAPE, patients: int = 3) -> Case:
    """A random guideline and random patients of it."""
    return made_case(draw(st.randoms(use_true_random=False)), wanted, recording, patients)


def days(first: date = date(2019, 1, 1), count: int = 1200) -> st.SearchStrategy[date]:
    return st.integers(0, count).map(lambda n: first + timedelta(days=n))
