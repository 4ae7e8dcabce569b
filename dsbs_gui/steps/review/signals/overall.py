"""Names of the signals that are judged over all rows at once."""

from __future__ import annotations

DUPLICATE, UNLIKELY = "duplicate", "unlikely"
OVERALL = (DUPLICATE, UNLIKELY)
