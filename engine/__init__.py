"""The meaning of a guideline: programs, engines, answers and explanations."""
