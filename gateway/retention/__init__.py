"""How long what was exchanged is kept, what must not be erased, and the proof that the rest was."""
