"""Other spellings of units that people write, for suggestions: none of them is ever taken for the unit."""

from __future__ import annotations

import re
from collections.abc import Callable

_SUPERSCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸⁹⁻"
_LOOKALIKES = str.maketrans(f"{_SUPERSCRIPTS}µμ·⋅−", "0123456789-uu..-")  # noqa: RUF001
_REWRITTEN: tuple[tuple[str, str], ...] = (
    (r"^[xX×*]?\s*10?\s*(?:\*\*|[eE^*])\s*\+?(?=-?[0-9])", "10*"),  # noqa: RUF001
    (r"^[kK]/", "10*3/"),
    (r"^M/", "10*6/"),
    (r"(?<=[A-Za-z\]])(?:\^|\*\*)(?=[+-]?[0-9])", ""),
    (r"[({]*1[.,]73[\s_.*]*m2[)}]*", "{1.73_m2}"),
    (r"\bper\b", "/"),
    (r"\s+(?=[^{}]*\})", "_"),
    (r"\s+", ""),
)
_WORD = re.compile(r"\{[^{}]*\}|[A-Za-z]+H2O|[^\s./(){}0-9+*^-]+")
#: UCUM codes, each with other spellings of it, in lower case where their case does not matter.
_SPELLINGS = """
mo month months mth mths mos
a year years yr yrs y annum
wk week weeks wks
d day days
h hour hours hr hrs
min minute minutes mins
s second seconds sec secs
/min bpm
m metre metres meter meters
cm centimetre centimetres centimeter centimeters
mm millimetre millimetres millimeter millimeters
um micron microns
[in_i] in inch inches
[ft_i] foot feet
g gram grams gm gms gr
kg kilogram kilograms kilo kilos kgs
mg milligram milligrams mgs
ug microgram micrograms mcg mcgs
u da dalton daltons
ku kda
[lb_av] lb lbs pound pounds
[oz_av] oz ounce ounces
L litre litres liter liters
mL millilitre millilitres milliliter milliliters cc ccm
uL mcl
umol mcmol
mmol/L mM
umol/L uM
nmol/L nM
pmol/L pM
mg/dL mg%
g/dL g%
% percent pct
[ppm] ppm
mm[Hg] mmhg torr
cm[H2O] cmh2o
Cel c °c degc celsius
[degF] f °f degf fahrenheit
[iU] iu ui
m[iU] miu
u[iU] uiu
k[iU] kiu
[arb'U] au arbu
[hnsf'U] hu
[pH] ph
[HPF] hpf
{score} score point points
{copies} copy copies
"""
_OFTEN_MISCASED = (
    "mg ug ng pg kg mL dL uL fL mmol umol nmol pmol mol meq mosm mm cm km Pa kPa kcal Hz MBq Gy cGy mSv h d wk mo"
    " mm[Hg] cm[H2O]"
)


def ucum_code_for(text: str, reads: Callable[[str], bool]) -> str | None:
    """The UCUM code that a common other spelling stands for, if that is one; `reads` tells whether a text is a code."""
    words = {code.lower(): code for code in _OFTEN_MISCASED.split()}
    for line in _SPELLINGS.strip().splitlines():
        spelled, *spellings = line.split()
        words |= dict.fromkeys(spellings, spelled)
    code = re.sub(f"10(?=[{_SUPERSCRIPTS}])", "10*", text).translate(_LOOKALIKES)
    for pattern, replacement in _REWRITTEN:
        code = re.sub(pattern, replacement, code)
    code = _WORD.sub(
        lambda word: word[0] if reads(word[0]) else words.get(word[0], words.get(word[0].lower(), word[0])), code
    )
    return code if code != text and reads(code) else None
