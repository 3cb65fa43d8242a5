"""A program as propositions about every incomplete record; the solver finds a patient, or proves that there is none."""
