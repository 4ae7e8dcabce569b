"""The language of the program: records, protocol, jobs, errors, the store. Never meets Qt or torch."""
