"""Mock of a province's identity provider (nhà cung cấp danh tính)."""
