"""Pages of the data step."""
