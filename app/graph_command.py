"""The command `guidewright graph`: the graphs of a guideline for other programs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal, NoReturn, get_args

import click

from guidewright.cli import OK
from guidewright.output import end, json_text, loaded_guideline, write
from guidewright.output_files import write_files

if TYPE_CHECKING:
    from guidewright.embedding import Guideline

Format = Literal["graphml", "json", "dot", "mermaid"]

_ENDINGS: dict[str, Format] = {
    ".graphml": "graphml",
    ".json": "json",
    ".dot": "dot",
    ".gv": "dot",
    ".mmd": "mermaid",
    ".mermaid": "mermaid",
}
_TERMINAL = "-"


@click.command()
@click.argument("guideline")
@click.option(
    "--view",
    type=click.Choice(("decisions", "facts")),
    default="decisions",
    help="The boxes of the flowcharts, or which facts feed which facts, rules, arguments and decisions.",
)
@click.option("--format", "named", type=click.Choice(get_args(Format)), help="Without it: by the ending of -o.")
@click.option("-o", "out", metavar="FILE", type=click.Path(), help="Where to write. Without it, or with `-`: printed.")
def graph(guideline: str, view: str, named: Format | None, out: str | None) -> NoReturn:
    """Export a graph of GUIDELINE, an id that ships or a folder, for other programs.

    GraphML and JSON hold everything, for programs that work on graphs; DOT (Graphviz) and Mermaid are to be drawn. What
    the nodes and edges hold is in docs/graphs.md. A file with the same name is replaced, in one step.

    Exit code 0: done. 2: wrong usage, or a file that cannot be used or written.
    """
    format = _format(named, out)
    loaded = loaded_guideline(guideline, "json" if format == "json" else "text")
    content = _text(loaded, view, format)
    if out is None or out == _TERMINAL:
        write(content)
    else:
        write_files({Path(out): content.encode()})
    end(OK)


def _format(named: Format | None, out: str | None) -> Format:
    from guidewright.rules.display import quoted

    ending = Path(out).suffix.lower() if out is not None else ""
    by_ending = _ENDINGS.get(ending)
    if named is not None:
        if by_ending not in (None, named):
            raise click.UsageError(f"--format {named} and the ending of {quoted(out or '')} do not agree")
        return named
    if by_ending is None:
        raise click.UsageError(f"name the format with --format: one of {', '.join(get_args(Format))}")
    return by_ending


def _text(guideline: Guideline, view: str, format: Format) -> str:
    from guidewright.visualize import decision_graph, dot_text, facts_graph, graphml_text, mermaid_text, node_link

    graph = facts_graph(guideline) if view == "facts" else decision_graph(guideline)
    match format:
        case "graphml":
            return graphml_text(graph)
        case "json":
            return json_text(node_link(graph))
        case "dot":
            return dot_text(graph)
        case "mermaid":
            return mermaid_text(graph)
