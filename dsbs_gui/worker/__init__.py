"""The other process: runs one job and writes what happens into its run folder."""
