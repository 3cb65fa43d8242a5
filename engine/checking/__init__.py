"""What is wrong with a guideline: families of faults, each proved or shown by a smallest patient."""
