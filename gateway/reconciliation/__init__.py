"""Money closed to zero: our books, the rail's word and the bank's statement, compared every day (PAY-07)."""
