"""Pages of the export step."""
