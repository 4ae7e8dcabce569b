"""Tokens, palette, style sheet, fonts and icons: the only place where a colour or a size is written."""
