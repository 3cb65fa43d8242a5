"""Cut the font of the pictures out of Arimo (Debian's fonts-croscore) again, with the widths of its letters.

Usage: `python docs/font.py FOLDER` with the folder that holds Arimo-Regular.ttf and Arimo-Bold.ttf. It needs fonttools
and brotli. Nobody needs to run it: what it writes is in the repository.
"""

import json
import sys
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont

# Latin, Greek, and the signs that clinical text uses.
LETTERS = (
    "U+0020-007E,U+00A0-017F,U+0370-03FF,U+2010-2015,U+2018-201E,U+2020-2022,U+2026,U+2030,U+2032,U+2033,U+2039,"
    "U+203A,U+20AC,U+2122,U+2190-2193,U+2212,U+2248,U+2260,U+2264,U+2265"
)


def main() -> None:
    origin, here = Path(sys.argv[1]), Path(__file__).resolve().parent.parent / "visualize" / "fonts"
    widths: dict[str, dict[str, int]] = {}
    for weight in ("Regular", "Bold"):
        # Without kerning and ligatures a line is as wide as its letters, in every program.
        common = [str(origin / f"Arimo-{weight}.ttf"), f"--unicodes={LETTERS}", "--layout-features=", "--no-hinting"]
        subset.main([*common, "--notdef-outline", f"--output-file={here / f'Arimo-{weight}.ttf'}"])
        subset.main([*common, "--notdef-outline", "--flavor=woff2", f"--output-file={here / f'Arimo-{weight}.woff2'}"])
        font = TTFont(here / f"Arimo-{weight}.ttf")
        assert font["head"].unitsPerEm == 2048
        advance = font["hmtx"].metrics
        widths[weight.lower()] = {chr(code): advance[name][0] for code, name in sorted(font.getBestCmap().items())}
    (here / "widths.json").write_text(
        json.dumps(widths, ensure_ascii=True, separators=(",", ":")) + "\n", encoding="ascii"
    )


if __name__ == "__main__":
    main()
