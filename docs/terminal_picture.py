"""Draws the beginning of the index case's answer as a picture of a terminal, for the README: `make docs`."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from xml.sax.saxutils import escape

ROOT = Path(__file__).parent.parent
CASE = ROOT / "guidelines/retroperitoneal-leiomyosarcoma/cases/V01-index-case-before-surgery.yaml"
PICTURE = ROOT / "docs/images/index-case.svg"
WIDTH, LINE, LEFT, TOP = 96, 18, 22, 52


def answer() -> list[str]:
    """The answer as a terminal of 96 columns shows it, without colours."""
    environment = {**os.environ, "COLUMNS": str(WIDTH), "NO_COLOR": "1", "PYTHONIOENCODING": "utf-8"}
    command = [sys.executable, "-m", "guidewright", "evaluate", str(CASE)]
    done = subprocess.run(command, check=True, capture_output=True, text=True, encoding="utf-8", env=environment)
    return done.stdout.splitlines()


def excerpt(lines: list[str]) -> list[str]:
    """The header, the first recommendations, and the table of the weighing; what is left out is marked."""
    first = lines[:28]
    begin = next(i for i, line in enumerate(lines) if "An ordering to discuss" in line) - 2
    return [*first, "  ⋮", "", *lines[begin : begin + 13], "  ⋮"]


def picture(lines: list[str]) -> str:
    """The lines as an SVG that needs no font but a monospaced one, each line as wide as it is on a terminal."""
    height = TOP + LINE * len(lines) + 20
    width = LEFT * 2 + round(WIDTH * 7.8)
    rows = []
    for i, line in enumerate(lines):
        if line.strip():
            heading = i == 0 or (i + 1 < len(lines) and lines[i + 1].startswith("───"))
            style = ' font-weight="bold" fill="#0B5A8A"' if heading else ""
            indent = len(line) - len(line.lstrip())
            text = line.lstrip()
            rows.append(
                f'<text x="{LEFT + indent * 7.8:.1f}" y="{TOP + LINE * (i + 1)}" textLength="{len(text) * 7.8:.1f}" '
                f'lengthAdjust="spacingAndGlyphs"{style} xml:space="preserve">{escape(text)}</text>'
            )
    dots = "".join(
        f'<circle cx="{24 + 18 * i}" cy="22" r="6" fill="{c}"/>'
        for i, c in enumerate(("#E5695B", "#E2B04A", "#6FB765"))
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
        f'width="{width}" height="{height}" role="img">\n'
        "<title>The answer for the index case in a terminal (excerpt)</title>\n"
        f'<rect width="{width}" height="{height}" rx="10" fill="#FBFCFD" stroke="#C9D1D8"/>\n'
        f'<path d="M0 44 H{width}" stroke="#C9D1D8"/>{dots}\n'
        f'<text x="{width / 2:.0f}" y="27" text-anchor="middle" font-family="sans-serif" font-size="13" '
        'fill="#5A6B7B">make demo</text>\n'
        '<g font-family="DejaVu Sans Mono, Menlo, Consolas, monospace" font-size="13" fill="#1B2A3A">\n'
        + "\n".join(rows)
        + "\n</g>\n</svg>\n"
    )


if __name__ == "__main__":
    PICTURE.parent.mkdir(exist_ok=True)
    PICTURE.write_text(picture(excerpt(answer())), encoding="utf-8")
    print(f"wrote {PICTURE.relative_to(ROOT)}")
