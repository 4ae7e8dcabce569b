"""Heavy work of the review step; runs in a worker only."""
