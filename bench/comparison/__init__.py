"""The gateway beside what a user would pick instead: the same questions, one canned upstream, one run."""
