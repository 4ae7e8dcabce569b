"""The teacher step."""
