"""Check that imports run one way, app -> visualize -> engine -> rules, and that heavy libraries are imported late.

Usage: `python .ci/layers.py [ROOT]` prints one line an offence and exits with 1 if there is one, else with 0.
"""

import ast
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

PACKAGE = "guidewright"

# A layer may import those before it and itself. `guidelines` holds data, which every layer may reach and which
# reaches nothing.
LAYERS = ("guidelines", "rules", "engine", "visualize", "app")

# What each layer may import beside the standard library. A new dependency is a decision: it is made here too.
THIRD_PARTY: dict[str, frozenset[str]] = {
    "guidelines": frozenset(),
    "rules": frozenset({"yaml"}),
    "engine": frozenset({"durable", "durable_rules_engine", "z3"}),
    "visualize": frozenset({"graphviz", "networkx", "typst"}),
    "app": frozenset({"click", "docx", "typst", "yaml"}),
}

# Slow to import, or not importable everywhere: only inside the function that needs it.
LATE = frozenset(
    {"docx", "durable", "durable_rules_engine", "graphviz", "networkx", "numpy", "polars", "rich", "typst", "z3", "zen"}
)


@dataclass(frozen=True, slots=True)
class Import:
    """One imported module, and whether importing the file imports it too."""

    module: str
    line: int
    at_start: bool


def imports_of(tree: ast.Module) -> Iterator[Import]:
    """Yield every import of a file, those by a literal `import_module("...")` included."""
    stack: list[tuple[ast.AST, bool]] = [(tree, True)]
    while stack:
        node, at_start = stack.pop()
        match node:
            case ast.Import(names=names):
                for alias in names:
                    yield Import(alias.name, node.lineno, at_start)
            case ast.ImportFrom(module=None) | ast.ImportFrom(level=1 | 2 | 3 | 4 | 5):
                yield Import(".", node.lineno, at_start)
            case ast.ImportFrom(module=str(module), names=names):
                for alias in names:
                    yield Import(f"{module}.{alias.name}", node.lineno, at_start)
            case ast.Call(func=function, args=[ast.Constant(value=str(module)), *_]):
                name = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
                if name in {"import_module", "__import__"}:
                    yield Import(module, node.lineno, at_start)
            case _:
                pass
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.Lambda():
                at_start = False
            case ast.If(test=ast.Name(id="TYPE_CHECKING") | ast.Attribute(attr="TYPE_CHECKING")):
                stack.extend((child, at_start) for child in node.orelse)
                stack.extend((child, False) for child in node.body)
                continue
            case _:
                pass
        stack.extend((child, at_start) for child in ast.iter_child_nodes(node))


def layer_of(module: str) -> str:
    """Return the layer that a module of the package lies in."""
    parts = module.split(".")
    return parts[1] if len(parts) > 1 and parts[1] in LAYERS and parts[1] != "app" else "app"


def offence(layer: str, found: Import) -> str | None:
    """Say what is wrong with an import in a layer, or return None."""
    top = found.module.partition(".")[0]
    if found.module == ".":
        return "relative import: write it out from `guidewright`"
    if top == PACKAGE:
        target = layer_of(found.module)
        if LAYERS.index(target) > LAYERS.index(layer):
            return f"`{layer}` must not import `{target}`: imports run app -> visualize -> engine -> rules"
        return None
    if top in sys.stdlib_module_names:
        return None
    if top in LATE and found.at_start:
        return f"`{top}` is imported at start-up: import it in the function that needs it"
    if top not in THIRD_PARTY[layer]:
        return f"`{layer}` must not import `{top}`"
    return None


def offences(root: Path) -> list[str]:
    """Return every offence of a tree as `path:line: message`, sorted by place."""
    found: list[tuple[str, int, str]] = []
    for layer in LAYERS:
        for path in (root / layer).rglob("*.py"):
            for item in imports_of(ast.parse(path.read_bytes(), filename=str(path))):
                if message := offence(layer, item):
                    found.append((path.relative_to(root).as_posix(), item.line, message))
    return [f"{path}:{line}: {message}" for path, line, message in sorted(set(found))]


def main() -> int:
    """Check the tree given as the argument, else the one that this file lies in."""
    root = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parent.parent
    missing = [layer for layer in LAYERS if not any((root / layer).rglob("*.py"))]
    if missing:
        print(f"no Python file under {', '.join(missing)}: nothing would be checked")
        return 1
    lines = offences(root)
    print("\n".join(lines) if lines else "imports run one way")
    return 1 if lines else 0


if __name__ == "__main__":
    sys.exit(main())
