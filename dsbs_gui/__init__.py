"""DSBS Studio: distilling step-by-step, from a dataset to a student you can take away."""

__version__ = "0.1.0"
