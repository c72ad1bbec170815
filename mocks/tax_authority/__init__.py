"""The tax authority: takes the data of electronic receipts."""
