"""Cases of a guideline: held against it, measured by what they reach and by the slips that they notice, and made up."""
