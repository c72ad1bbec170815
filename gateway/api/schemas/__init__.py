"""Shapes of the provincial API: one module per capability."""
