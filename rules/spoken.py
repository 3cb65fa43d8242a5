"""Quantities for a reader."""

from __future__ import annotations


def spoken(quantity: str) -> str:
    """A quantity for a reader: calendar units in words."""
    amount, _, unit = quantity.partition(" ")
    words = {"mo": "month", "a": "year", "wk": "week", "d": "day"}
    return f"{amount} {words[unit]}{'' if amount == '1' else 's'}" if unit in words else quantity
