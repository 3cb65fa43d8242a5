"""The encoded guidelines that ship with Guidewright: data, no code."""
