"""Names of the signals that are judged over all rows at once."""

from __future__ import annotations

DUPLICATE, UNLIKELY = "duplicate", "unlikely"
OVERALL = (DUPLICATE, UNLIKELY)

UNHELPFUL = "unhelpful"
"""Measured by a job of its own, with a local teacher: a check of the texts leaves it alone."""
