"""The shell: window, settings, projects, command line; builds everything once."""
