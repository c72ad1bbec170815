"""Mock of a witness of transparency logs (nhân chứng)."""
