"""Why an answer is of no use: the reasons that the program itself gives, and which of them would come again.

Plain Python. A server's own words are further reasons.
"""

from __future__ import annotations

EMPTY = "empty answer"
CUT_OFF = "cut off at the token limit"
TOO_LONG = "prompt longer than the context"
QUARANTINED = "left out: the teacher crashed on it twice"

CRASHES_TO_QUARANTINE = 2

COMES_AGAIN = (CUT_OFF, QUARANTINED)
"""Asking a server once more with the same settings would bring these again."""
