"""An explicit `QPalette` from the tokens: every role, in the active, inactive and disabled groups."""

from __future__ import annotations

from PySide6.QtGui import QColor, QPalette

from dsbs_gui.kit.theme.tokens import Tokens


def palette_of(tokens: Tokens) -> QPalette:
    """Palette of one theme; offscreen and on bare desktops Qt knows no dark scheme of its own."""
    palette = QPalette()
    for role, colour in _roles(tokens).items():
        palette.setColor(role, QColor(colour))
    for role, colour in _disabled_roles(tokens).items():
        palette.setColor(QPalette.ColorGroup.Disabled, role, QColor(colour))
    return palette


def _roles(tokens: Tokens) -> dict[QPalette.ColorRole, str]:
    role = QPalette.ColorRole
    dark = tokens.name == "dark"
    return {
        role.Window: tokens.window,
        role.WindowText: tokens.text,
        role.Base: tokens.surface,
        role.AlternateBase: tokens.window,
        role.Text: tokens.text,
        role.PlaceholderText: tokens.muted,
        role.Button: tokens.surface,
        role.ButtonText: tokens.text,
        role.BrightText: tokens.bad.text,
        role.ToolTipBase: tokens.surface,
        role.ToolTipText: tokens.text,
        role.Highlight: tokens.accent_soft,
        role.HighlightedText: tokens.text,
        role.Accent: tokens.accent,
        role.Link: tokens.accent_text,
        role.LinkVisited: tokens.accent_text,
        role.Light: tokens.neutral[4] if dark else tokens.surface,
        role.Midlight: tokens.hover,
        role.Mid: tokens.border,
        role.Dark: tokens.control,
        role.Shadow: tokens.window if dark else tokens.neutral[8],
    }


def _disabled_roles(tokens: Tokens) -> dict[QPalette.ColorRole, str]:
    role = QPalette.ColorRole
    return {
        role.WindowText: tokens.disabled,
        role.Text: tokens.disabled,
        role.ButtonText: tokens.disabled,
        role.PlaceholderText: tokens.disabled,
        role.HighlightedText: tokens.disabled,
        role.ToolTipText: tokens.disabled,
        role.Link: tokens.disabled,
        role.Base: tokens.window,
        role.Button: tokens.window,
        role.Highlight: tokens.hover,
        role.Accent: tokens.control,
    }
