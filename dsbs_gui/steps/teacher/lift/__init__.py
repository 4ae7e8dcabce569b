"""Signal: how much more probable a local teacher finds the gold label once it has read the rationale."""
