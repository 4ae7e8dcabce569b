"""Heavy work of the teacher step; runs in a worker only."""
