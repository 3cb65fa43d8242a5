"""Which facts to ask for: those of which two values make a difference to the answer."""
