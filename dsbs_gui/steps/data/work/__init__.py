"""Heavy work of the data step; runs in a worker only."""
