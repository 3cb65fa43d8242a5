"""A generated guideline and generated patients of a given size: typical conditions, 30 % of the facts missing."""

from __future__ import annotations

import random
from datetime import date

from guidewright.rules.load import check_texts
from guidewright.rules.model import Guideline
from guidewright.rules.patient import Patient, patient_from

AS_OF = date(2020, 12, 15)
_CHOICES = ("a", "b", "c", "d")


def guideline(rules: int, facts: int, seed: int = 1) -> Guideline:
    """A checked guideline with that many rules and facts: a third each of booleans, choices and quantities."""
    random.seed(seed)
    texts = {
        "guideline.yaml": (
            "id: generated\ntitle: Generated\nversion: 1.0.0\nstatus: for measuring\nlanguage: en\nstages: [only]\n"
        ),
        "sources.yaml": "sources: {}\n",
        "facts.yaml": "facts:\n" + "".join(_fact(i) for i in range(facts)),
        "1-only.yaml": "stage: only\ntitle: Only\nrules:\n" + "".join(_rule(i, facts) for i in range(rules)),
    }
    loaded = check_texts(texts, [], "generated")
    assert loaded.guideline is not None, loaded.diagnostics[:3]
    return loaded.guideline


def _fact(i: int) -> str:
    head = f"  f.x{i}: {{label: Fact {i}, "
    match i % 3:
        case 0:
            return head + "type: boolean}\n"
        case 1:
            return head + "type: choice, values: {a: A, b: B, c: C, d: D}}\n"
        case _:
            return head + "type: quantity, unit: mm, range: [0, 100]}\n"


def _test(i: int) -> str:
    match i % 3:
        case 0:
            return f"f.x{i}: {random.choice(('true', 'false'))}"
        case 1:
            return f"f.x{i}: [{', '.join(random.sample(_CHOICES, 2))}]"
        case _:
            return f'f.x{i}: "{random.choice(("<", ">="))} {random.randrange(1, 100)} mm"'


def _rule(i: int, facts: int) -> str:
    a, b, c, d = random.sample(range(facts), 4)
    when = f"{{{_test(a)}, {_test(b)}, any: [{{{_test(c)}}}, {{{_test(d)}}}]}}"
    text = f"  - id: R{i}\n    do: Do {i}\n    when: {when}\n    expert: true\n"
    if i % 4 == 0:
        text += f"    unless: {{{_test(random.randrange(facts))}}}\n"
    if i % 5 == 0 and i:
        text += f"    overrides: [R{i - 1}]\n"
    return text


def records(facts: int, seed: int, missing: float = 0.3) -> dict[str, object]:
    """A patient's facts as an application would give them."""
    source = random.Random(seed)
    found: dict[str, object] = {}
    for i in range(facts):
        if source.random() >= missing:
            values = (source.random() < 0.5, source.choice(_CHOICES), f"{source.randrange(100)} mm")
            found[f"f.x{i}"] = values[i % 3]
    return found


def patients(guideline: Guideline, facts: int, count: int) -> list[Patient]:
    """Checked patients."""
    found = [patient_from(records(facts, seed), guideline, AS_OF, AS_OF).patient for seed in range(count)]
    return [patient for patient in found if patient is not None]
