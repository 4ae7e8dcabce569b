"""All SQL of the program, one module a noun."""
