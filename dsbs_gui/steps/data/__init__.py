"""The data step."""
