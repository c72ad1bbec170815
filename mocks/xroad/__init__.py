"""A stand-in for an X-Road security server in REST mode, as a consumer sees it."""
