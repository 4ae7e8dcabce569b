"""What can be said of a rationale without asking anybody: one file a subject, pure functions, no Qt."""
