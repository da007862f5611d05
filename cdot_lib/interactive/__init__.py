"""Sliders for notebooks; where no kernel can answer, a picture that says so."""
