"""Graphs as files for other programs: GraphML, and node-link JSON."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING, Any

from guidewright.rules.display import escaped

if TYPE_CHECKING:
    from networkx import DiGraph

SCHEMA = "guidewright/graph/1"
"""Versions the field names of the JSON and the attributes of nodes and edges."""

SEPARATOR = "; "
"""Between the parts of a list in GraphML, which knows single values only."""


def node_link(graph: DiGraph) -> dict[str, Any]:
    """The graph as plain objects, for JSON; `networkx.node_link_graph(data, edges="edges")` reads it.

    Lists stay lists, and texts are as their authors wrote them.
    """
    return {
        "schema": SCHEMA,
        "directed": True,
        "multigraph": False,
        "graph": dict(graph.graph),
        "nodes": [{"id": id, **data} for id, data in graph.nodes(data=True)],
        "edges": [{"source": tail, "target": head, **data} for tail, head, data in graph.edges(data=True)],
    }


def graphml_text(graph: DiGraph) -> str:
    """The graph as GraphML, which yEd, Gephi and `networkx.read_graphml` read.

    The parts of a list are joined by `; `. Control characters and marks that turn the reading direction are written as
    escapes, most of them being impossible in XML.
    """
    import networkx

    plain = networkx.DiGraph(**_plain(graph.graph))
    plain.add_nodes_from((id, _plain(data)) for id, data in graph.nodes(data=True))
    plain.add_edges_from((tail, head, _plain(data)) for tail, head, data in graph.edges(data=True))
    file = BytesIO()
    # Not `write_graphml`, whose bytes depend on whether lxml is installed.
    networkx.write_graphml_xml(plain, file)
    return file.getvalue().decode() + "\n"


def _plain(attributes: dict[str, Any]) -> dict[str, Any]:
    return {name: _scalar(value) for name, value in attributes.items()}


def _scalar(value: Any) -> str | int | bool:
    if isinstance(value, tuple):
        return SEPARATOR.join(escaped(str(part)) for part in value)
    return escaped(value) if isinstance(value, str) else value
