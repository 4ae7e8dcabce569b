"""The one style sheet, made from the tokens.

It flattens Fusion's controls, draws the focus ring, and gives labels their tones. Structure that a page needs
comes from the widgets of the kit, which mark themselves with the properties `kind`, `tone` and `type`.
"""

from __future__ import annotations

from pathlib import Path
from string import Template

from dsbs_gui.kit.theme.tokens import Tokens, mixed

ART_FOLDER = Path(__file__).parent / "art"


def style_sheet(tokens: Tokens) -> str:
    """The style sheet of one theme."""
    names = {
        "window": tokens.window, "surface": tokens.surface, "hover": tokens.hover, "pressed": tokens.pressed,
        "line": tokens.line, "border": tokens.border, "control": tokens.control, "muted": tokens.muted,
        "disabled": tokens.disabled, "text": tokens.text, "accent": tokens.accent,
        "accent_hover": tokens.accent_hover, "accent_text": tokens.accent_text,
        "accent_soft": tokens.accent_soft, "on_accent": tokens.on_accent,
        "danger": tokens.danger, "danger_hover": tokens.danger_hover,
        "radius": str(tokens.size.radius), "inner": str(tokens.size.control - 4), "theme": tokens.name,
        "other": "dark" if tokens.name == "light" else "light",
        "body": str(tokens.type.body), "caption": str(tokens.type.caption),
        "large": str(tokens.type.large),
    }  # fmt: skip
    for tone in ("good", "attention", "bad", "info"):
        meaning = tokens.meaning(tone)
        names |= {tone: meaning.shape, f"{tone}_text": meaning.text, f"{tone}_soft": meaning.soft}
        names[f"{tone}_line"] = mixed(meaning.shape, meaning.soft, 0.3)
    return Template((ART_FOLDER / "sheet.qss").read_text(encoding="utf-8")).substitute(names)
