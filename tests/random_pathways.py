"""Random pages: pathways as authors could write them, with texts as they should not.

A page is made from one `random.Random` and read by the loader, so that nothing is tested that cannot be written.
"""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import Any

from strategies import EXPERT

WORDS = (
    *("a", "MRI", "of", "the", "liver", "and", "biopsy", "before", "any", "therapy:", "resect,", "if", "needed;"),
    *("staging", "(CT)", "\u2265", "10", "mm", "refer", "to", "sarcoma", "team", "unless", "pregnant", "symptoms"),
    *("after", "chemotherapy", "without", "contrast", "growth", "margin", "positive", "lesion"),
)

SOURCES = 30

NASTY = (
    'He said "no" & left <script>alert(1)</script>',
    "Back\\Nslash \\n \\\\ {} %s $& `tick` ]]> <!-- -->",
    "Hepatopancreatoduodenocholangiojejunostomywithreconstruction" * 2,
    "[here](javascript:alert(1)) javascript:alert(1)",
    "مراجعة الطبيب قبل العلاج",
    "肝臓の腫瘍を生検する前に紹介する",
    "🩺🧬👩🏽‍⚕️ and 👨‍👩‍👧‍👦",
    "e\u0301\u0302\u0303\u0304 c\u0327\u0323 Zalgo\u0300\u0301\u0302\u0303",
    "right \u202eto left\u202c and \u2066isolated\u2069 and \u200fmark",
    "' onload='x' & &amp; &#x41; &lt;",
    "WWWWWWWWWWWWWWWW WWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWW",
    "Évaluer l'état général, ÅÄÖ ŜŤŽ",
    "i" * 90,
)


@dataclass(frozen=True)
class Sort:
    """What a random page is like. `nasty`: of a hundred texts so many try to break out or do not fit."""

    most_steps: int = 25
    most_answers: int = 5
    decisions: int = 45
    rules: int = 55
    nasty: int = 8
    long: int = 10
    stages: int = 1
    beside: int = 20


def text(random: Random, sort: Sort, words: int = 7) -> str:
    if random.randrange(100) < sort.nasty:
        return random.choice(NASTY)
    many = words * 8 if random.randrange(100) < sort.long else words
    return " ".join(random.choices(WORDS, k=random.randint(1, many)))


def pathway_files(random: Random, sort: Sort) -> dict[str, Any]:
    """The files of a guideline as plain data, by file name."""
    ids = [f"p{number}" for number in range(sort.stages)]
    stages = {id: _stage(id, ids, random, sort) for id in ids}
    facts = {f"f{n}": {"label": text(random, sort, 4), "type": "integer", "range": [0, 9]} for n in range(6)}
    header: dict[str, Any] = {
        "id": "drawn",
        "title": text(random, sort),
        "version": "1.0.0",
        "status": "test",
        "language": "en",
        "grading": {
            "strength": {"strong": "Strong", "weak": "Weak", "sole": "Some other"},
            "certainty": {"high": "High", "middling": "Middling", "low": "Low", "least": text(random, sort, 2)},
        },
        "stages": ids,
    }
    statements = {"S1": {"says": "x"}}
    sources = {
        f"s{n}": {"cite": text(random, sort), "kind": "guideline", "read": "full-text", "statements": statements}
        for n in range(SOURCES)
    }
    rules = [rule for stage in stages.values() for rule in stage["rules"]]
    cited = {statement.partition(".")[0] for rule in rules for statement in rule.get("because", ())}
    return {
        "guideline.yaml": header,
        "facts.yaml": {"facts": facts},
        "sources.yaml": {"sources": {id: source for id, source in sources.items() if id in cited}},
        **{f"{number + 1}-{id}.yaml": stages[id] for number, id in enumerate(ids)},
    }


def _stage(id: str, stages: list[str], random: Random, sort: Sort) -> dict[str, Any]:
    rules: list[dict[str, Any]] = []
    steps = _steps(id, stages, rules, random, sort)
    beside: list[str] = []
    while random.randrange(100) < sort.beside and len(beside) < 6:
        beside.append(_rule(rules, id, random, sort))
    stage: dict[str, Any] = {"stage": id, "title": text(random, sort), "rules": rules, "pathway": steps}
    return {**stage, "beside": beside} if beside else stage


def _steps(page: str, stages: list[str], rules: list[dict[str, Any]], random: Random, sort: Sort) -> dict[str, Any]:
    """Every step but `start` is led to by one before it, and every way leads on."""
    count = random.randint(1, sort.most_steps)
    ids = ["start", *(f"{page}s{n}" for n in range(1, count))]
    goes: list[list[int]] = [[] for _ in ids]
    manner = random.random()
    for number in range(1, count):
        # Ways branch where they have room, mostly near the step that they lead to.
        free = [n for n in range(number) if len(goes[n]) < sort.most_answers]
        near = free[-1 - min(int(random.expovariate(0.2 + 3 * manner)), len(free) - 1)]
        goes[near].append(number)
    for number in range(count - 1):
        while goes[number] and len(goes[number]) < sort.most_answers and random.randrange(100) < sort.decisions:
            goes[number].append(min(number + 1 + int(random.expovariate(0.3)), count - 1))
    return {ids[n]: _step(goes[n], ids, page, stages, rules, random, sort) for n in range(count)}


def _step(
    goes: list[int],
    ids: list[str],
    page: str,
    stages: list[str],
    rules: list[dict[str, Any]],
    random: Random,
    sort: Sort,
) -> dict[str, Any]:
    own: list[str] = []
    while random.randrange(100) < sort.rules and len(own) < 5:
        own.append(_rule(rules, page, random, sort))
    stands = {"rules": own} if own else {}
    if not goes:
        to = random.choice([f"{random.choice(stages)}/start", ids[0]])
        return random.choice(
            [{"end": text(random, sort, 4), **stands}, {"link": to, **stands}, {"link": to, "title": "Back", **stands}]
        )
    if len(goes) == 1:
        if len(own) > 1 and random.randrange(100) < 30:
            return {"choose": text(random, sort, 4), "options": own, "go": ids[goes[0]]}
        return {"title": text(random, sort), "go": ids[goes[0]], **stands}
    fact = f"f{random.randrange(6)}"
    # As authors do: the way that goes on at once stands anywhere among the answers.
    random.shuffle(goes)
    answers: list[dict[str, Any]] = [
        {"answer": _answer(random, sort), "when": {fact: value}, "go": ids[go]} for value, go in enumerate(goes)
    ]
    if random.randrange(2):
        del answers[-1]["when"]
        answers[-1][random.choice(["otherwise", "assumed"])] = True
    return {"decide": text(random, sort), "answers": answers, **stands}


def _answer(random: Random, sort: Sort) -> str:
    return random.choice(["Yes", "No"]) if random.randrange(100) < 50 else text(random, sort, 3)


def _rule(rules: list[dict[str, Any]], page: str, random: Random, sort: Sort) -> str:
    number = len(rules)
    id = f"{page}R{number}"
    if random.randrange(100) < sort.nasty:
        id += random.choice(["-of-a-very-long-name-that-nobody-can-read", "_x"])
    kind = random.choice(["do", "do", "consider", "avoid", "flag", "inform", "ask"])
    rule: dict[str, Any] = {"id": id, kind: text(random, sort, 12)}
    if kind == "ask":
        rule |= {"ask": ["f0", "f1"], "says": text(random, sort)}
    if random.randrange(2):
        rule["short"] = text(random, sort, 5)[:60].strip()
    rule["when"] = {f"f{random.randrange(6)}": random.randrange(3)}
    if random.randrange(4) == 0:
        rule["signoff"] = "required"
    if random.randrange(2):
        rule["strength"] = random.choice(["strong", "weak", "sole"])
    if random.randrange(2):
        rule["certainty"] = random.choice(["high", "middling", "low", "least"])
    rule |= EXPERT
    if random.randrange(2):
        rule["because"] = [f"s{n}.S1" for n in random.sample(range(SOURCES), random.choice([1, 1, 2, 12]))]
    rules.append(rule)
    return id
