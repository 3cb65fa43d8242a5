"""Reading the pathway of a stage: its boxes, in the author's order, which is the reading order."""

from __future__ import annotations

from collections.abc import Collection
from collections.abc import Mapping as AnyMapping
from dataclasses import dataclass
from typing import Literal as OneWordOf
from typing import cast

from guidewright.rules.condition_text import Vocabulary, read_condition
from guidewright.rules.conditions import ALWAYS, AnyOf, negated
from guidewright.rules.diagnostics import Place, error, suggest, warning
from guidewright.rules.model import Answer, Step
from guidewright.rules.overriding import Named, ReadRule
from guidewright.rules.reading import Mapping, Node, Scalar, Sequence
from guidewright.rules.shape import Fields, Problems, entries, fields, flag, is_good_id, items, names, start_of, text
from guidewright.rules.texts import filled

Kind = OneWordOf["box", "decision", "weigh", "choose", "link", "end"]
_KINDS: AnyMapping[str, Kind] = {
    "decide": "decision",
    "weigh": "weigh",
    "choose": "choose",
    "link": "link",
    "end": "end",
}
_KEYS: AnyMapping[Kind, tuple[str, ...]] = {
    "box": ("title", "rules", "go"),
    "decision": ("decide", "answers", "rules"),
    "weigh": ("weigh", "title", "rules", "go"),
    "choose": ("choose", "options", "rules", "go"),
    "link": ("link", "title", "rules"),
    "end": ("end", "rules"),
}
_REQUIRED: AnyMapping[Kind, tuple[str, ...]] = {
    "box": ("title", "go"),
    "decision": ("decide", "answers"),
    "weigh": ("weigh", "go"),
    "choose": ("choose", "options", "go"),
    "link": ("link",),
    "end": ("end",),
}


@dataclass(frozen=True, slots=True)
class ReadStep:
    """A step as it could be read, and the places of what it names: the steps that it goes to, its rules, its weighing
    or the step that it links to.
    """

    step: Step
    place: Place
    goes: Named
    rules: Named
    named: Place


@dataclass(frozen=True, slots=True)
class ReadPage:
    """The page of a stage. Where it is not `whole`, something on it that names steps or rules could not be read."""

    steps: tuple[ReadStep, ...]
    beside: Named
    whole: bool
    place: Place | None


def read_page(stage: Fields, whole: bool, first_box: int, vocabulary: Vocabulary, problems: Problems) -> ReadPage:
    """The steps of a stage, numbered from `first_box`, and the rules beside them. `whole`: every key of the stage could
    be read.
    """
    pathway, beside = stage.get("pathway"), stage.get("beside")
    before = len(problems)
    steps: list[ReadStep] = []
    for key, value in entries(pathway, "`pathway`", problems):
        is_good_id(key, "the id of a step", problems)
        steps.append(_read_step(key, value, first_box + len(steps), vocabulary, problems))
    if isinstance(pathway, Mapping) and (not steps or steps[0].step.id != "start"):
        place = steps[0].place if steps else pathway.place
        problems.append(error("GW701", "a pathway begins with the step `start`", place, "it is the first of its steps"))
    listed = names(beside, "`beside`", problems)
    # A fault of a condition leaves the steps and rules of a page known; a fault of the shape may not.
    whole = whole and not any(d.code[2] in "17" for d in problems[before:])
    return ReadPage(tuple(steps), listed, whole, None if pathway is None else start_of(pathway.place))


def _read_step(key: Scalar, node: Node, box: int, vocabulary: Vocabulary, problems: Problems) -> ReadStep:
    what = f"the step `{key.text}`"
    given = [name for name in _KINDS if isinstance(node, Mapping) and node.get(name) is not None]
    if not given and isinstance(node, Mapping):
        # What it asks is missing or misspelt, and what it is can be told all the same.
        given = ["decide"] if node.get("answers") is not None else ["choose"] if node.get("options") is not None else []
    kind: Kind = _KINDS[given[0]] if given else "box"
    if len(given) > 1:
        problems.append(error("GW702", f"{what} is both `{given[0]}` and `{given[1]}`", key.place, "make it two steps"))
        got: Fields | None = {k.text: v for k, v in node.entries} if isinstance(node, Mapping) else None
    else:
        got = fields(node, what, _KEYS[kind], _REQUIRED[kind], problems, at=key.place)
    if got is None:
        return ReadStep(Step(key.text, kind, key.text, box, place=key.place), key.place, (), (), key.place)
    named = given[0] if given else "title"
    words = text(got.get("title") if "title" in got else got.get(named), f"`{named}` of {what}", problems)
    words = filled(words, got.get("title") or got.get(named), vocabulary.parameters, problems)
    options = names(got.get("options"), "`options`", problems)
    if kind == "choose" and isinstance(got.get("options"), Sequence) and len(options) < 2:
        problems.append(error("GW712", f"{what} offers fewer than two options", start_of(got["options"].place)))
    rules = options + names(got.get("rules"), "`rules` of a step", problems)
    answers, goes = _read_answers(got, what, key.place, vocabulary, problems) if kind == "decision" else ((), ())
    go = text(got.get("go"), f"`go` of {what}", problems)
    if go is not None:
        goes = (*goes, (go, got["go"].place))
    step = Step(
        id=key.text,
        kind=kind,
        text=words or key.text,
        box=box,
        rules=tuple(name for name, _ in rules),
        answers=answers,
        go=go,
        weigh=text(got.get("weigh"), "`weigh`", problems) if kind == "weigh" else None,
        link=text(got.get("link"), "`link`", problems) if kind == "link" else None,
        place=key.place,
    )
    return ReadStep(step, key.place, goes, rules, got[named].place if named in got else key.place)


def _read_answers(
    got: Fields, what: str, place: Place, vocabulary: Vocabulary, problems: Problems
) -> tuple[tuple[Answer, ...], Named]:
    """The answers that could be read, and wherever any of them goes."""
    nodes = items(got.get("answers"), f"the answers of {what}", problems)
    answers: list[Answer] = []
    goes: list[tuple[str, Place]] = []
    for position, item in enumerate(nodes):
        answer = fields(item, "an answer", ("answer", "when", "otherwise", "assumed", "go"), ("answer", "go"), problems)
        if answer is None:
            continue
        words = text(answer.get("answer"), "`answer`", problems)
        words = filled(words, answer.get("answer"), vocabulary.parameters, problems)
        go = text(answer.get("go"), "`go`", problems)
        if go is not None:
            goes.append((go, answer["go"].place))
        ways = [name for name in ("when", "otherwise", "assumed") if name in answer]
        if len(ways) != 1:
            message = "an answer has exactly one of `when`, `otherwise` and `assumed`"
            help = None if ways else "write `when:` and a condition, or `otherwise: true` for the last answer"
            problems.append(error("GW703", message, start_of(item.place), help))
            continue
        if ways[0] != "when" and position < len(nodes) - 1:
            message = f"an answer with `{ways[0]}` stands last"
            problems.append(error("GW703", message, start_of(item.place), "move it behind the others"))
        if ways[0] != "when":
            _check_last(ways[0], answer[ways[0]], problems)
        when = read_condition(answer["when"], vocabulary, problems) if ways[0] == "when" else ALWAYS
        if when is not None and words is not None and go is not None:
            last = None if ways[0] == "when" else cast(OneWordOf["otherwise", "assumed"], ways[0])
            if last == "otherwise":
                # All others are false: a patient for whom one is open is not sent this way.
                when = negated(AnyOf(tuple(a.when for a in answers)))
            answers.append(Answer(words, go, when, last))
    if len(nodes) < 2 and isinstance(got.get("answers"), Sequence):
        problems.append(error("GW703", f"{what} has fewer than two answers", place))
    return tuple(answers), tuple(goes)


def _check_last(word: str, node: Node, problems: Problems) -> None:
    if flag(node, f"`{word}`", problems) or not (isinstance(node, Scalar) and node.value is False):
        return
    help = f"write `{word}: true`, or give the answer a `when`"
    problems.append(error("GW703", f"`{word}: false` says nothing", node.place, help))


def check_page(
    page: ReadPage, pages: AnyMapping[str, ReadPage], complete: bool, weighings: Collection[str], problems: Problems
) -> None:
    """Every way leads to a step that exists, no way leads back, and every step can be come by. `pages` are those of all
    stages, and weighings too; where they are not `complete`, there are others that could not be read.
    """
    by_id = {read.step.id: read for read in page.steps}
    sound = page.whole
    for read in page.steps:
        step = read.step
        for target, place in read.goes:
            if target not in by_id:
                sound = False
                elsewhere = [id for id, other in pages.items() if any(s.step.id == target for s in other.steps)]
                help = f"another page is come to by a step `{{link: {elsewhere[0]}/{target}}}`" if elsewhere else None
                message = f"`{target}` is no step of this page"
                problems.append(error("GW704", message, place, suggest(target, by_id) or help))
        if step.weigh is not None and step.weigh not in weighings and complete:
            help = suggest(step.weigh, weighings) or "weighings are defined under `weigh:` of a stage"
            problems.append(error("GW705", f"there is no weighing `{step.weigh}`", read.named, help))
        if step.link is not None:
            _check_link(step.link, read.named, page, pages, complete, problems)
    _check_ways(page.steps, by_id, sound, problems)


def _check_link(
    link: str, place: Place, page: ReadPage, pages: AnyMapping[str, ReadPage], complete: bool, problems: Problems
) -> None:
    stage, _, target = link.rpartition("/")
    if stage and stage not in pages:
        if complete:
            message = f"`{link}` is on the page of the stage `{stage}`, which does not exist"
            problems.append(error("GW706", message, place, suggest(stage, pages)))
        return
    steps = [read.step.id for read in (pages[stage] if stage else page).steps]
    if target not in steps:
        there = [f"{id}/{target}" for id, other in pages.items() if any(s.step.id == target for s in other.steps)]
        help = suggest(target, steps) or (f"did you mean `{there[0]}`?" if there else None)
        problems.append(error("GW706", f"there is no step `{link}`", place, help))


def _check_ways(steps: tuple[ReadStep, ...], by_id: AnyMapping[str, ReadStep], sound: bool, problems: Problems) -> None:
    """`sound`: every way could be read, so that a step that none leads to is one."""
    if not steps:
        return
    state: dict[str, str] = {steps[0].step.id: "on the way"}
    stack: list[tuple[ReadStep, list[tuple[str, Place]]]] = [(steps[0], list(steps[0].goes))]
    while stack:
        read, rest = stack[-1]
        if not rest:
            state[read.step.id] = "done"
            stack.pop()
            continue
        target, place = rest.pop(0)
        following = by_id.get(target)
        if following is None:
            continue
        if state.get(target) == "on the way":
            help = f"end this way with a step `{{link: {target}}}`"
            problems.append(error("GW707", f"the step `{read.step.id}` leads back to `{target}`", place, help))
        elif target not in state:
            state[target] = "on the way"
            stack.append((following, list(following.goes)))
    linked = {read.step.link for read in steps if read.step.link is not None}
    for read in steps:
        if sound and read.step.id not in state and read.step.id not in linked:
            help = "name it behind `go:` of a step before it: a page is entered at `start`, by links too"
            problems.append(error("GW708", f"no way leads to the step `{read.step.id}`", read.place, help))


def check_standing(
    page: ReadPage,
    stage: str,
    rules: AnyMapping[str, ReadRule],
    complete: bool,
    rows: Collection[str],
    problems: Problems,
) -> None:
    """Every rule of a stage stands on exactly one step, or beside. `complete`: there are no rules but these."""
    own = [rule for rule in rules.values() if rule.stage == stage]
    stands: dict[str, tuple[str, Place]] = {}
    meant: list[str] = []
    spots = [(name, f"on the step `{read.step.id}`", place) for read in page.steps for name, place in read.rules]
    spots += [(name, "beside the page", place) for name, place in page.beside]
    for name, where, place in spots:
        rule = rules.get(name)
        if rule is not None and rule.stage != stage:
            help = f"it belongs to the stage `{rule.stage}`"
            problems.append(error("GW709", f"the rule `{name}` is none of this stage", place, help))
        elif rule is None and name in rows:
            help = "rows stand at their fact; only rules stand on a page"
            problems.append(error("GW709", f"`{name}` is a row and no rule of this stage", place, help))
        elif rule is None and complete:
            guess = suggest(name, [rule.id for rule in own])
            meant.append(guess or "")
            problems.append(error("GW709", f"there is no rule `{name}` in this stage", place, guess))
        elif name in stands:
            other, there = stands[name]
            message = f"the rule `{name}` stands {other} and {where}"
            help = "a rule stands on one step, or beside"
            problems.append(error("GW710", message, place, help, (("here too", there),)))
        stands.setdefault(name, (where, place))
    if page.place is None and own and not page.beside and page.whole:
        message = f"the stage `{stage}` has rules and no pathway for them to stand on"
        # Only a warning: the page gates nothing, and a guideline may be tried out before its pages are drawn.
        problems.append(
            warning("GW714", message, own[0].place, "write `pathway:`, or `beside:` and the ids of the rules")
        )
        return
    for rule in own:
        # A rule that is misspelt on the page is reported there.
        if page.whole and rule.id not in stands and not any(f"`{rule.id}`" in guess for guess in meant):
            message = f"the rule `{rule.id}` stands on no step of the pathway"
            help = "name it under `rules:` of a step, or under `beside:`"
            problems.append(error("GW711", message, rule.place, help))
