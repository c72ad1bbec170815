"""Administrative procedures as the national database tells them, every version kept."""
