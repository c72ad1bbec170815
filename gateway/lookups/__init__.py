"""Who are they: citizens and enterprises, looked up and compared truthfully."""
