"""Numbers, times and amounts as the program says them. Pure functions, no Qt.

Thousands are set apart by a thin space (U+2009) from 10 000 on inside sentences and always in figures; a
no-break space binds number and unit.
"""

from __future__ import annotations

import html
import math
from dataclasses import dataclass
from datetime import UTC, datetime

THIN = "\u2009"
NBSP = "\u00a0"
DASH = "\u2013"
UNKNOWN = "\u2013"

_MINUTE = 60
_HOUR = 60 * _MINUTE
_DAY = 24 * _HOUR


def count(number: int) -> str:
    """`1234567` → `1 234 567` with thin spaces."""
    return f"{number:,}".replace(",", THIN)


def figure(number: float, digits: int = 3) -> str:
    """A measured number with so many significant digits; `–` for NaN and infinity."""
    if not math.isfinite(number):
        return UNKNOWN
    if number == 0:
        return "0"
    # The exponent after rounding: 9.996 has three digits as 10.0.
    magnitude = int(f"{number:.{digits - 1}e}".partition("e")[2])
    if magnitude < -4:
        return f"{number:.{digits - 1}e}"
    decimals = max(0, digits - 1 - magnitude)
    return f"{number:,.{decimals}f}".replace(",", THIN)


def place(number: float) -> str:
    """A place on an axis: whole numbers whole, others with three digits."""
    return count(int(number)) if math.isfinite(number) and float(number).is_integer() else figure(number)


def plural(number: int, one: str, many: str | None = None) -> str:
    """`3 rows`, `1 row`, `1 200 rows`; `many` where adding an s is wrong."""
    return f"{count(number)}{NBSP}{one if number == 1 else many or one + 's'}"


def percent(fraction: float, decimals: int = 1) -> str:
    """`0.9333` → `93.3 %`; `–` for NaN. Never rounds up to 100 % nor down to 0 %."""
    if not math.isfinite(fraction):
        return UNKNOWN
    shown = round(fraction * 100, decimals)
    step = 10.0**-decimals
    if shown >= 100 and fraction < 1:
        shown = 100 - step
    if shown <= 0 and fraction > 0:
        shown = step
    return f"{shown:.{decimals}f}{NBSP}%"


def percent_interval(fraction: float, low: float, high: float, decimals: int = 1) -> str:
    """`93.3 % (90.1–95.6)`, the bounds being fractions too."""
    if not all(map(math.isfinite, (fraction, low, high))):
        return percent(fraction, decimals)
    return f"{percent(fraction, decimals)} ({low * 100:.{decimals}f}{DASH}{high * 100:.{decimals}f})"


def size(byte_count: int) -> str:
    """Bytes in decimal units as disks are sold: `98.9 MB`."""
    value = float(byte_count)
    for unit in ("bytes", "kB", "MB", "GB"):
        if abs(value) < 999.5 or unit == "GB":
            break
        value /= 1000
    shown = count(byte_count) if unit == "bytes" else figure(value)
    return f"{shown}{NBSP}{unit}"


def duration(seconds: float) -> str:
    """An exact length of time that is over: `0.4 s`, `12 s`, `3 min 05 s`, `2 h 14 min`."""
    if not math.isfinite(seconds) or seconds < 0:
        return UNKNOWN
    if seconds < 10:
        return f"{seconds:.1f}{NBSP}s"
    whole = round(seconds)
    if whole < _MINUTE:
        return f"{whole}{NBSP}s"
    if whole < _HOUR:
        return f"{whole // _MINUTE}{NBSP}min {whole % _MINUTE:02d}{NBSP}s"
    if whole < _DAY:
        return f"{whole // _HOUR}{NBSP}h {whole % _HOUR // _MINUTE:02d}{NBSP}min"
    return f"{plural(whole // _DAY, 'day')} {whole % _DAY // _HOUR}{NBSP}h"


def about(seconds: float) -> str:
    """An estimate as people say it: `a few seconds`, `about 40 s`, `about 3 min`, `about 2 h`, `about 3 days`."""
    if not math.isfinite(seconds) or seconds < 0:
        return "time unknown"
    if seconds < 8:
        return "a few seconds"
    if seconds < 55:
        return f"about {max(10, round(seconds / 10) * 10)}{NBSP}s"
    minutes = seconds / _MINUTE
    if minutes < 10:
        return f"about {max(1, round(minutes))}{NBSP}min"
    if minutes < 57.5:
        return f"about {round(minutes / 5) * 5}{NBSP}min"
    hours = minutes / 60
    if hours < 4:
        return f"about {round(hours * 2) / 2:g}{NBSP}h"
    if hours < 36:
        return f"about {round(hours)}{NBSP}h"
    return f"about {plural(max(2, round(hours / 24)), 'day')}"


def rate(per_second: float, unit: str = "rows") -> str:
    """`3.1 rows/s`; slower than one in two seconds it turns round: `12 s per row`. Empty if unknown or zero."""
    if not math.isfinite(per_second) or per_second <= 0:
        return ""
    if per_second >= 0.5:
        shown = f"{per_second:.1f}" if per_second < 100 else count(round(per_second))
        return f"{shown}{NBSP}{unit}/s"
    return f"{duration(1 / per_second)} per {unit.removesuffix('s')}"


def age(then: datetime, now: datetime | None = None) -> str:
    """`just now`, `5 minutes ago`, `yesterday`, `2 days ago`, else the date. Naive times are taken as UTC."""
    then = then if then.tzinfo else then.replace(tzinfo=UTC)
    seconds = ((now or datetime.now(UTC)) - then).total_seconds()
    if seconds < _MINUTE:
        return "just now"
    if seconds < _HOUR:
        return f"{plural(int(seconds // _MINUTE), 'minute')} ago"
    if seconds < _DAY:
        return f"{plural(int(seconds // _HOUR), 'hour')} ago"
    days = int(seconds // _DAY)
    if days == 1:
        return "yesterday"
    return f"{days}{NBSP}days ago" if days < 30 else f"{then.day} {then:%b %Y}"


def without_mnemonic(text: str) -> str:
    """For the text of a button that comes from data: Qt would take a single `&` for a key."""
    return text.replace("&", "&&")


def tooltip(text: str) -> str:
    """A text for a tooltip, which has no switch for plain text and takes some texts for rich: escaped, in `<qt>`."""
    return "<qt>" + html.escape(text).replace("\n", "<br>") + "</qt>" if text else ""


def visible(text: str, limit: int = 300) -> str:
    """One line of a text for a table cell: line ends as ↵, tabs as →, other control characters as ·.

    Args:
        limit: characters at most; a longer text ends with an ellipsis. Painting is slow beyond a few thousand.
    """
    # Only the head is looked at: a cell of ten megabytes must cost as little as one of ten characters.
    head = text[: limit + 1].replace("\r\n", "\n")
    # Mostly there is nothing to replace, and a table asks for some hundred cells at each jump.
    shown = head if head.isprintable() else "".join(map(_shown, head))
    return shown if len(text) <= limit else shown[: limit - 1] + "…"


def _shown(character: str) -> str:
    return character if character.isprintable() else _VISIBLE.get(character, "·")


_VISIBLE = {"\n": "↵", "\r": "↵", "\u2028": "↵", "\u2029": "↵", "\t": "→", "\u00a0": "\u00a0", "\u2009": "\u2009",
            "\u3000": "\u3000", "\u202f": "\u202f", "\u200d": "\u200d"}  # fmt: skip


@dataclass(frozen=True)
class Progress:
    """How far a job is; `sentence()` is what the job strip and the progress line say.

    Args:
        phase: what is going on, e.g. `Generating`.
        done, total: units of work; `total` None while unknown.
        per_second: units per second; None while unknown.
        seconds_left: None while unknown.
        unit: plural noun of the unit.
    """

    phase: str
    done: int = 0
    total: int | None = None
    per_second: float | None = None
    seconds_left: float | None = None
    unit: str = "rows"

    @property
    def fraction(self) -> float | None:
        """0 to 1, None while the total is unknown."""
        return min(1.0, self.done / self.total) if self.total else None

    def sentence(self) -> str:
        """`Generating · 412 of 1 000 · 3.1 rows/s · about 3 min`; unknown parts are left out."""
        parts = [self.phase]
        if self.total:
            parts.append(f"{count(self.done)} of {count(self.total)}")
        elif self.done:
            parts.append(f"{count(self.done)} {self.unit}")
        if self.per_second:
            parts.append(rate(self.per_second, self.unit))
        if self.seconds_left is not None:
            parts.append(about(self.seconds_left))
        return " · ".join(part for part in parts if part)
