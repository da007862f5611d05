"""Closed forms. No module here may import a solver: a check joins the two."""
