"""Explorers: pictures with sliders, for a page without a kernel, for a notebook, for print."""
