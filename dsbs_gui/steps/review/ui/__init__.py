"""Pages of the review step."""
