"""Pages of the training step."""
