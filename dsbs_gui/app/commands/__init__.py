"""The commands of ``dsbs``, one module a group. Each takes parsed arguments and returns what it did as a dict."""
