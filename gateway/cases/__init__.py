"""Cases: what a person must clear up about money, with an owner and a day by which."""
