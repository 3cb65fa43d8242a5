"""Pictures of a guideline: graphs, flowcharts and overlays.

import guidewright
from guidewright.visualize import decision_graph

graph = decision_graph(guidewright.load("retroperitoneal-leiomyosarcoma"))
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from guidewright.visualize.booklet import pages
    from guidewright.visualize.decisions import decision_graph
    from guidewright.visualize.dot import dot_text
    from guidewright.visualize.facts import facts_graph
    from guidewright.visualize.graph_files import graphml_text, node_link
    from guidewright.visualize.mermaid import mermaid_text
    from guidewright.visualize.svg import svg_text

__all__ = [
    "decision_graph",
    "dot_text",
    "facts_graph",
    "graphml_text",
    "mermaid_text",
    "node_link",
    "pages",
    "svg_text",
]

# No module may have the name of what is offered here: once imported, it would stand in its place.
_MODULES = {
    "decision_graph": "decisions",
    "dot_text": "dot",
    "facts_graph": "facts",
    "graphml_text": "graph_files",
    "mermaid_text": "mermaid",
    "node_link": "graph_files",
    "pages": "booklet",
    "svg_text": "svg",
}


def __getattr__(name: str) -> Any:
    # What draws is imported when it is first used.
    if name not in _MODULES:
        raise AttributeError(f"module 'guidewright.visualize' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"guidewright.visualize.{_MODULES[name]}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)
