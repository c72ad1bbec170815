"""Thoả thuận chia sẻ dữ liệu: on what each route rests, until when, and who asked for access."""
