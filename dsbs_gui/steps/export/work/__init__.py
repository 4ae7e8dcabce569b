"""Heavy work of the export step; runs in a worker only."""
