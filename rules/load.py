"""From a folder of YAML files to a checked guideline, or to everything that is wrong with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from guidewright.rules.condition_text import Vocabulary, read_condition
from guidewright.rules.conditions import ALWAYS
from guidewright.rules.diagnostics import Diagnostic, Place, error, ordered, suggest
from guidewright.rules.evidence import Grading
from guidewright.rules.guideline_files import FIXED, digest_of, read_texts
from guidewright.rules.model import Fact, FactType, Guideline, Rule, Score, Stage, Table, Weighing
from guidewright.rules.overriding import check_overriding
from guidewright.rules.read_facts import read_facts
from guidewright.rules.read_types import FactHead, read_heads
from guidewright.rules.read_header import Header, check_language, read_header, whole_parameters
from guidewright.rules.read_pathway import check_pathway, check_standing, read_pathway
from guidewright.rules.read_sources import read_sources
from guidewright.rules.read_stage import STAGE_KEYS, Context, candidate_types, read_rules, read_weighings
from guidewright.rules.reading import Node, read_yaml
from guidewright.rules.shape import Fields, Problems, fields, names, start_of, text


@dataclass(frozen=True, slots=True)
class Loaded:
    """A guideline (`None` where there is an error), what was found, and the texts for code frames."""

    guideline: Guideline | None
    diagnostics: tuple[Diagnostic, ...]
    texts: Mapping[str, str]


def load_guideline(folder: str | Path) -> Loaded:
    """Reads every YAML file of a guideline folder (the cases are not part of the guideline). Never raises for what
    a file says.
    """
    texts, problems = read_texts(Path(folder))
    return check_texts(texts, problems, str(folder))


def check_texts(texts: Mapping[str, str], problems: Problems, folder: str) -> Loaded:
    """The guideline that these texts are. All that is wrong is reported in one run, in order of place."""
    nodes: dict[str, Node] = {}
    for path, content in texts.items():
        node, found = read_yaml(content, path)
        problems.extend(found)
        if node is not None:
            nodes[path] = node
    guideline = _assemble(nodes, digest_of(texts), folder, problems)
    diagnostics = ordered(problems)
    sound = not any(d.severity == "error" for d in diagnostics)
    return Loaded(guideline if sound else None, diagnostics, texts)


@dataclass(frozen=True, slots=True)
class _StageFile:
    fields: Fields
    node: Node
    id: str
    title: str


def _assemble(nodes: Mapping[str, Node], digest: str, folder: str, problems: Problems) -> Guideline | None:
    by_name = {Path(path).name: node for path, node in nodes.items()}
    header = read_header(by_name["guideline.yaml"], problems) if "guideline.yaml" in by_name else None
    sources = read_sources(by_name["sources.yaml"], problems) if "sources.yaml" in by_name else {}
    heads = read_heads(by_name["facts.yaml"], problems) if "facts.yaml" in by_name else {}
    stage_files = _read_stage_files(
        {path: node for path, node in nodes.items() if Path(path).name not in FIXED}, header, problems
    )
    if header is None:
        return None
    check_language(header, problems)
    vocabulary = _vocabulary(heads, header, stage_files, problems)
    grading = Grading(tuple(g.id for g in header.strengths), tuple(g.id for g in header.certainties), sources)
    parameters = whole_parameters(header, grading, problems)
    facts_only = Vocabulary({id: head.type for id, head in heads.items()}, vocabulary.parameters)
    facts = read_facts(heads, facts_only, grading, problems)
    rules, weighings = _read_stages(stage_files, vocabulary, facts_only, grading, header, problems)
    applies = read_condition(header.fields["applies"], facts_only, problems) if "applies" in header.fields else ALWAYS
    stages = _read_pages(stage_files, vocabulary, rules, weighings, problems)
    check_overriding(rules, header.actions, problems)
    _check_ids(rules, weighings, facts_rows(facts), problems)
    if applies is None:
        return None
    return Guideline(
        id=header.texts["id"] or "",
        title=header.texts["title"] or "",
        version=header.texts["version"] or "",
        status=header.texts["status"] or "",
        language=header.texts["language"] or "",
        digest=digest,
        strengths=header.strengths,
        certainties=header.certainties,
        actions=header.actions,
        parameters=parameters,
        facts=facts,
        sources=sources,
        stages=stages,
        rules=rules,
        weighings=weighings,
        applies=applies,
        scope=header.texts["scope"],
        use=header.texts["use"],
        misuse=header.texts["misuse"],
    )


def _read_stage_files(nodes: Mapping[str, Node], header: Header | None, problems: Problems) -> tuple[_StageFile, ...]:
    """The stage files in the order that guideline.yaml gives them."""
    found: dict[str, _StageFile] = {}
    for path, node in nodes.items():
        got = fields(node, "a stage file", STAGE_KEYS, ("stage", "title"), problems)
        if got is None:
            continue
        id = text(got.get("stage"), "`stage`", problems)
        title = text(got.get("title"), "`title`", problems)
        if id is None:
            continue
        if id in found:
            problems.append(
                error(
                    "GW115",
                    f"two files are the stage `{id}`",
                    got["stage"].place,
                    related=(("the other one", found[id].node.place),),
                )
            )
            continue
        found[id] = _StageFile(got, node, id, title or id)
        if header is not None and id not in dict(header.stages):
            help = suggest(id, [name for name, _ in header.stages]) or "name it under `stages:` in guideline.yaml"
            problems.append(error("GW115", f"guideline.yaml names no stage `{id}`", got["stage"].place, help))
    if header is None:
        return tuple(found.values())
    for id, place in header.stages:
        if id not in found:
            problems.append(
                error(
                    "GW115",
                    f"no file is the stage `{id}`",
                    place,
                    suggest(id, found) or "a stage file begins with `stage: " + id + "`",
                )
            )
    return tuple(found[id] for id, _ in header.stages if id in found)


def _vocabulary(
    heads: Mapping[str, FactHead], header: Header, stages: tuple[_StageFile, ...], problems: Problems
) -> Vocabulary:
    kinds: dict[str, FactType] = {id: head.type for id, head in heads.items()}
    for stage in stages:
        for id, kind in candidate_types(stage.fields.get("weigh")).items():
            if id in kinds:
                problems.append(
                    error(
                        "GW505",
                        f"`{id}` is what a weighing says and cannot be a fact",
                        heads[id].place if id in heads else stage.node.place,
                    )
                )
            kinds[id] = kind
    return Vocabulary(kinds, {id: written for id, (written, _, _) in header.parameters.items()})


def _read_stages(
    files: tuple[_StageFile, ...],
    vocabulary: Vocabulary,
    facts_only: Vocabulary,
    grading: Grading,
    header: Header,
    problems: Problems,
) -> tuple[dict[str, Rule], dict[str, Weighing]]:
    rules: dict[str, Rule] = {}
    weighings: dict[str, Weighing] = {}
    for file in files:
        context = Context(file.id, vocabulary, grading, header.actions)
        for rule in read_rules(file.fields.get("rules"), context, problems):
            if rule.id in rules:
                other = rules[rule.id].place
                assert rule.place is not None and other is not None
                problems.append(
                    error("GW413", f"there are two rules `{rule.id}`", rule.place, related=(("the other one", other),))
                )
            rules.setdefault(rule.id, rule)
        # What a weighing says must not follow from what it says: its arguments test facts only.
        for weighing in read_weighings(
            file.fields.get("weigh"), Context(file.id, facts_only, grading, header.actions), problems
        ):
            weighings.setdefault(weighing.id, weighing)
    return rules, weighings


def _read_pages(
    files: tuple[_StageFile, ...],
    vocabulary: Vocabulary,
    rules: Mapping[str, Rule],
    weighings: Mapping[str, Weighing],
    problems: Problems,
) -> tuple[Stage, ...]:
    stages: list[Stage] = []
    besides: list[tuple[tuple[str, Place], ...]] = []
    box = 1
    for file in files:
        steps = read_pathway(file.fields.get("pathway"), file.id, box, vocabulary, problems)
        beside = names(file.fields.get("beside"), "`beside`", problems)
        box += len(steps)
        stages.append(Stage(file.id, file.title, steps, tuple(name for name, _ in beside)))
        besides.append(beside)
    elsewhere = {stage.id: frozenset(step.id for step in stage.steps) for stage in stages}
    # Where a rule could not be read, it would be reported again as missing from the page.
    whole = not any(d.severity == "error" and d.code < "GW7" for d in problems)
    for stage, beside in zip(stages, besides, strict=True):
        check_pathway(stage.steps, stage.id, elsewhere, frozenset(weighings), problems)
        if whole and (stage.steps or beside):
            check_standing(rules, stage.id, stage.steps, beside, problems)
    return tuple(stages)


def facts_rows(facts: Mapping[str, Fact]) -> dict[str, Place]:
    """The rows with an id, which stand among the rules of an answer."""
    found: dict[str, Place] = {}
    for fact in facts.values():
        if isinstance(fact.derivation, Table | Score):
            rows = (
                *fact.derivation.rows,
                *(
                    (fact.derivation.otherwise,)
                    if isinstance(fact.derivation, Table) and fact.derivation.otherwise
                    else ()
                ),
            )
            for row in rows:
                if row.id is not None and row.place is not None:
                    found[row.id] = row.place
    return found


def _check_ids(
    rules: Mapping[str, Rule], weighings: Mapping[str, Weighing], rows: Mapping[str, Place], problems: Problems
) -> None:
    """Rules, rows and arguments share one space of names: an answer is asked about any of them by its id."""
    taken: dict[str, Place] = {}
    places = [(rule.id, rule.place) for rule in rules.values()] + list(rows.items())
    places += [
        (argument.id, argument.place) for w in weighings.values() for c in w.candidates for argument in c.arguments
    ]
    for id, place in places:
        if place is None:
            continue
        if id in taken:
            problems.append(
                error("GW413", f"the id `{id}` stands twice", start_of(place), related=(("the other one", taken[id]),))
            )
        taken.setdefault(id, place)
