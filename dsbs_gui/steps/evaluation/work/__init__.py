"""Heavy work of the evaluation step; runs in a worker only."""
