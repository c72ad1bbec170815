"""A look-up that could not be answered is asked again, durably, and its caller is told."""
