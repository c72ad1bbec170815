"""Thoả thuận chia sẻ dữ liệu: under which agreement each system is asked, until when; and who asks to be connected."""
