"""Where the pages stand; known without loading them."""

from __future__ import annotations

PUBLIC = ("/trang-thai", "/tra-cuu")
"""What anybody may open; nothing there is anybody's session."""
STAFF = "/console"
PREFIXES = (STAFF, *PUBLIC)
