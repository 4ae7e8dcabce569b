"""Pages of the teacher step."""
