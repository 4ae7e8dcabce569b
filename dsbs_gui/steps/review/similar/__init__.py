"""Finding examples whose text is like that of one."""
