"""Reading the pathway of a stage: its boxes, in the author's order, which is the reading order."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal as OneWordOf
from typing import cast

from guidewright.rules.condition_text import Vocabulary, read_condition
from guidewright.rules.conditions import ALWAYS, AnyOf, negated
from guidewright.rules.diagnostics import Place, error, suggest
from guidewright.rules.model import Answer, Rule, Step
from guidewright.rules.reading import Node, Scalar
from guidewright.rules.shape import Fields, Problems, entries, fields, flag, is_good_id, items, names, start_of, text
from guidewright.rules.texts import filled

Kind = OneWordOf["box", "decision", "weigh", "choose", "link", "end"]
_KINDS: Mapping[str, Kind] = {"decide": "decision", "weigh": "weigh", "choose": "choose", "link": "link", "end": "end"}
_KEYS: Mapping[Kind, tuple[str, ...]] = {
    "box": ("title", "rules", "go"),
    "decision": ("decide", "answers", "rules"),
    "weigh": ("weigh", "title", "rules", "go"),
    "choose": ("choose", "options", "rules", "go"),
    "link": ("link", "title", "rules"),
    "end": ("end", "rules"),
}
_REQUIRED: Mapping[Kind, tuple[str, ...]] = {
    "box": ("title", "go"),
    "decision": ("decide", "answers"),
    "weigh": ("weigh", "go"),
    "choose": ("choose", "options", "go"),
    "link": ("link",),
    "end": ("end",),
}


def read_pathway(
    node: Node | None, stage: str, first_box: int, vocabulary: Vocabulary, problems: Problems
) -> tuple[Step, ...]:
    """The steps of a pathway, numbered from `first_box`. What is unusable is reported and left out."""
    steps: list[Step] = []
    for key, value in entries(node, "`pathway`", problems):
        if is_good_id(key, "the id of a step", problems):
            step = _read_step(key, value, first_box + len(steps), vocabulary, problems)
            if step is not None:
                steps.append(step)
    if node is not None and steps and steps[0].id != "start":
        problems.append(
            error(
                "GW701", f"the pathway of `{stage}` does not begin with the step `start`", steps[0].place or node.place
            )
        )
    return tuple(steps)


def _read_step(key: Scalar, node: Node, box: int, vocabulary: Vocabulary, problems: Problems) -> Step | None:
    what = f"the step `{key.text}`"
    get = getattr(node, "get", None)
    given = [] if get is None else [name for name in _KINDS if get(name) is not None]
    if len(given) > 1:
        problems.append(error("GW702", f"{what} is both `{given[0]}` and `{given[1]}`", key.place))
        return None
    kind: Kind = _KINDS[given[0]] if given else "box"
    got = fields(node, what, _KEYS[kind], _REQUIRED[kind], problems)
    if got is None:
        return None
    named = given[0] if given else "title"
    words = text(got.get("title") if "title" in got else got.get(named), f"`{named}` of {what}", problems)
    words = filled(words, got.get("title") or got.get(named), vocabulary.parameters, problems)
    target = text(got.get("link"), "`link`", problems) if kind == "link" else None
    options = tuple(name for name, _ in names(got.get("options"), "`options`", problems))
    return Step(
        id=key.text,
        kind=kind,
        text=words or key.text,
        box=box,
        rules=options + tuple(name for name, _ in names(got.get("rules"), "`rules` of a step", problems)),
        answers=_read_answers(got, what, key.place, vocabulary, problems) if kind == "decision" else (),
        go=text(got.get("go"), f"`go` of {what}", problems),
        weigh=text(got.get("weigh"), "`weigh`", problems) if kind == "weigh" else None,
        link=target,
        place=key.place,
    )


def _read_answers(
    got: Fields, what: str, place: Place, vocabulary: Vocabulary, problems: Problems
) -> tuple[Answer, ...]:
    nodes = items(got.get("answers"), f"the answers of {what}", problems)
    answers: list[Answer] = []
    for position, item in enumerate(nodes):
        answer = fields(item, "an answer", ("answer", "when", "otherwise", "assumed", "go"), ("answer", "go"), problems)
        if answer is None:
            continue
        ways = [name for name in ("when", "otherwise", "assumed") if name in answer]
        if len(ways) != 1:
            problems.append(
                error("GW703", "an answer has exactly one of `when`, `otherwise` and `assumed`", start_of(item.place))
            )
            continue
        if ways[0] != "when" and position < len(nodes) - 1:
            problems.append(error("GW703", f"an answer with `{ways[0]}` stands last", start_of(item.place)))
        if ways[0] != "when" and not flag(answer[ways[0]], f"`{ways[0]}`", problems):
            problems.append(
                error("GW703", f"write `{ways[0]}: true`, or give the answer a `when`", answer[ways[0]].place)
            )
        when = read_condition(answer["when"], vocabulary, problems) if ways[0] == "when" else ALWAYS
        words, go = text(answer.get("answer"), "`answer`", problems), text(answer.get("go"), "`go`", problems)
        if when is not None and words is not None and go is not None:
            last = None if ways[0] == "when" else cast(OneWordOf["otherwise", "assumed"], ways[0])
            if last == "otherwise":
                # All others are false: a patient for whom one is open is not sent this way.
                when = negated(AnyOf(tuple(a.when for a in answers)))
            answers.append(Answer(filled(words, item, vocabulary.parameters, problems) or words, go, when, last))
    if len(nodes) < 2:
        problems.append(error("GW703", f"{what} has fewer than two answers", place))
    return tuple(answers)


def check_pathway(
    steps: tuple[Step, ...],
    stage: str,
    steps_elsewhere: Mapping[str, frozenset[str]],
    weighings: frozenset[str],
    problems: Problems,
) -> None:
    """Every way leads to a step that exists, no way leads back, and every step can be come by."""
    by_id = {step.id: step for step in steps}
    for step in steps:
        place = step.place or Place.of_file(stage)
        for target in targets(step):
            if target not in by_id:
                problems.append(
                    error(
                        "GW704",
                        f"the step `{step.id}` goes to `{target}`, which is no step of this page",
                        place,
                        suggest(target, by_id),
                    )
                )
        if step.weigh is not None and step.weigh not in weighings:
            problems.append(
                error("GW705", f"there is no weighing `{step.weigh}`", place, suggest(step.weigh, weighings))
            )
        if step.link is not None:
            _check_link(step, step.link, by_id, steps_elsewhere, place, problems)
    _check_ways(steps, by_id, problems)


def _check_link(
    step: Step,
    link: str,
    by_id: Mapping[str, Step],
    elsewhere: Mapping[str, frozenset[str]],
    place: Place,
    problems: Problems,
) -> None:
    page, _, target = link.rpartition("/")
    if page and page not in elsewhere:
        problems.append(
            error(
                "GW706",
                f"the step `{step.id}` links to the stage `{page}`, which does not exist",
                place,
                suggest(page, elsewhere),
            )
        )
    elif target not in (elsewhere[page] if page else by_id):
        problems.append(
            error(
                "GW706",
                f"the step `{step.id}` links to `{link}`, which is no step",
                place,
                suggest(target, elsewhere[page] if page else by_id),
            )
        )


def _check_ways(steps: tuple[Step, ...], by_id: Mapping[str, Step], problems: Problems) -> None:
    if not steps:
        return
    state: dict[str, str] = {}
    stack: list[tuple[Step, list[str]]] = [(steps[0], list(targets(steps[0])))]
    state[steps[0].id] = "on the way"
    while stack:
        step, rest = stack[-1]
        if not rest:
            state[step.id] = "done"
            stack.pop()
            continue
        following = by_id.get(rest.pop(0))
        if following is None:
            continue
        if state.get(following.id) == "on the way":
            assert step.place is not None
            help = f"end this way with a step `{{link: {following.id}}}`"
            problems.append(error("GW707", f"the step `{step.id}` leads back to `{following.id}`", step.place, help))
        elif following.id not in state:
            state[following.id] = "on the way"
            stack.append((following, list(targets(following))))
    linked = {step.link for step in steps if step.link is not None}
    for step in steps:
        if step.id not in state and step.id not in linked and step.place is not None:
            problems.append(error("GW708", f"no way leads to the step `{step.id}`", step.place))


def targets(step: Step) -> tuple[str, ...]:
    """The steps that a step goes to on its own page."""
    return tuple(answer.go for answer in step.answers) + ((step.go,) if step.go is not None else ())


def check_standing(
    rules: Mapping[str, Rule],
    stage: str,
    steps: tuple[Step, ...],
    beside: tuple[tuple[str, Place], ...],
    problems: Problems,
) -> None:
    """Every rule of a stage stands on exactly one step, or beside."""
    stands: dict[str, str] = {}
    spots = [(name, f"on the step `{step.id}`", step.place) for step in steps for name in step.rules]
    spots += [(name, "beside the page", place) for name, place in beside]
    for name, where, place in spots:
        assert place is not None
        rule = rules.get(name)
        if rule is None or rule.stage != stage:
            other = (
                f"it belongs to the stage `{rule.stage}`"
                if rule
                else suggest(name, [r.id for r in rules.values() if r.stage == stage])
            )
            problems.append(error("GW709", f"there is no rule `{name}` in this stage", place, other))
        elif name in stands:
            problems.append(error("GW710", f"the rule `{name}` stands {stands[name]} and {where}", place))
        stands.setdefault(name, where)
    for rule in rules.values():
        if rule.stage == stage and rule.id not in stands and rule.place is not None:
            problems.append(
                error(
                    "GW711",
                    f"the rule `{rule.id}` stands on no step of the pathway",
                    rule.place,
                    "name it under `rules:` of a step, or under `beside:`",
                )
            )
