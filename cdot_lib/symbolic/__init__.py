"""The SymPy twins of the closed forms: derivations whose every step is an object."""
