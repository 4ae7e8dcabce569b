"""Heavy work of the training step; runs in a worker only."""
