"""The unit symbols of UCUM that the language knows, with their prefixes. What they mean is in docs/units.md."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Atom:
    """A unit symbol: so many `times` the unit `of`, or the unit of a `base` quantity. Prefixes need a metric one."""

    of: str = ""
    times: str | int = 1
    base: str = ""
    metric: bool = False


PREFIXES: Mapping[str, int] = (
    {"Y": 24, "Z": 21, "E": 18, "P": 15, "T": 12, "G": 9, "M": 6, "k": 3, "h": 2, "da": 1}
    | {"d": -1, "c": -2, "m": -3, "u": -6, "n": -9, "p": -12, "f": -15, "a": -18, "z": -21, "y": -24}
)  # fmt: skip
"""The metric prefixes, as powers of ten."""

# An assay or a microscope defines these: each converts to itself only.
_DEFINED_ELSEWHERE = (
    *("[arb'U]", "[USP'U]", "[GPL'U]", "[MPL'U]", "[APL'U]", "[beth'U]", "[anti'Xa'U]", "[todd'U]"),
    *("[CFU]", "[PFU]", "[BAU]", "[AU]", "[FEU]", "[ELU]", "[HPF]", "[LPF]"),
)

ATOMS: Mapping[str, Atom] = {
    **{code: Atom(base=code) for code in _DEFINED_ELSEWHERE},
    # plain numbers
    "%": Atom("10*-2"),
    "[ppth]": Atom("10*-3"),
    "[ppm]": Atom("10*-6"),
    "[ppb]": Atom("10*-9"),
    "[pptr]": Atom("10*-12"),
    # length, volume
    "m": Atom(base="length", metric=True),
    "l": Atom("dm3", metric=True),
    "L": Atom("dm3", metric=True),
    "[in_i]": Atom("cm", "2.54"),
    "[ft_i]": Atom("[in_i]", 12),
    "[foz_us]": Atom("[in_i]3", "1.8046875"),
    "[tsp_m]": Atom("mL", 5),
    "[tbs_m]": Atom("mL", 15),
    "[Ch]": Atom("mm/3"),
    "[diop]": Atom("/m"),
    # time, and the calendar
    "s": Atom(base="time", metric=True),
    "min": Atom("s", 60),
    "h": Atom("min", 60),
    "d": Atom("h", 24),
    "wk": Atom("d", 7),
    "mo": Atom(base="calendar time"),
    "a": Atom("mo", 12),
    "Hz": Atom("s-1", metric=True),
    # mass
    "g": Atom(base="mass", metric=True),
    "t": Atom("kg", 1000, metric=True),
    "u": Atom("yg", "1.66053906660", metric=True),
    "[gr]": Atom("mg", "64.79891"),
    "[oz_av]": Atom("[gr]", "437.5"),
    "[lb_av]": Atom("[gr]", 7000),
    "[stone_av]": Atom("[lb_av]", 14),
    # amount of substance
    "mol": Atom(base="amount of substance", metric=True),
    "eq": Atom(base="equivalents", metric=True),
    "osm": Atom(base="osmoles", metric=True),
    "kat": Atom("mol/s", metric=True),
    "U": Atom("umol/min", metric=True),
    # force, pressure, energy, viscosity
    "N": Atom("kg.m/s2", metric=True),
    "dyn": Atom("g.cm/s2", metric=True),
    "Pa": Atom("N/m2", metric=True),
    "bar": Atom("Pa", 100000, metric=True),
    "atm": Atom("Pa", 101325),
    "m[Hg]": Atom("kPa", "133.3220", metric=True),
    "m[H2O]": Atom("kPa", "9.80665", metric=True),
    "J": Atom("N.m", metric=True),
    "cal": Atom("J", "4.184", metric=True),
    "[Cal]": Atom("kcal"),
    "eV": Atom("aJ", "0.1602176634", metric=True),
    "W": Atom("J/s", metric=True),
    "P": Atom("dyn.s/cm2", metric=True),
    "St": Atom("cm2/s", metric=True),
    "[wood'U]": Atom("mm[Hg].min/L"),
    "[MET]": Atom("mL/min/kg", "3.5"),
    # electricity, magnetism, light
    "A": Atom(base="electric current", metric=True),
    "V": Atom("W/A", metric=True),
    "Ohm": Atom("V/A", metric=True),
    "T": Atom("V.s/m2", metric=True),
    "cd": Atom(base="luminous intensity", metric=True),
    # angles: pi has the 64 digits that UCUM gives it
    "rad": Atom(base="angle", metric=True),
    "deg": Atom("rad/180", "3.1415926535897932384626433832795028841971693993751058209749445923"),
    # radiation
    "Bq": Atom("s-1", metric=True),
    "Ci": Atom("GBq", 37, metric=True),
    "Gy": Atom("J/kg", metric=True),
    "Sv": Atom(base="dose equivalent", metric=True),
    # scales with a zero of their own
    "K": Atom(base="thermodynamic temperature", metric=True),
    "Cel": Atom(base="Celsius temperature"),
    "[degF]": Atom(base="Fahrenheit temperature"),
    "[pH]": Atom(base="pH"),
    "[hnsf'U]": Atom(base="Hounsfield number"),
    "[iU]": Atom(base="[iU]", metric=True),
    "[IU]": Atom("[iU]", metric=True),
}
"""The unit symbols, without the powers of ten `10*` and `10^`. What they mean is in docs/units.md."""
