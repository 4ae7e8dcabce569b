"""Tests of the benchmarks: the harnesses themselves, not what they measure."""
