"""Three-way reconciliation: our books, the rails, the bank; a day closes to zero or every difference has a case."""
