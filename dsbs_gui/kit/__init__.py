"""Qt without our subject: tokens, widgets, tables, curves."""
