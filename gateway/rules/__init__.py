"""The law as dated data: rule packs, the working calendar, and the deadlines that follow from them. Pure."""
