"""Pages of the evaluation step."""
