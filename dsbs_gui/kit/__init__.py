"""Qt widgets without our subject: theme, forms, messages, record table, curves. Import the modules directly."""
