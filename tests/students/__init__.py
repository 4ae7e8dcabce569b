"""Tests of the students' shelf."""
