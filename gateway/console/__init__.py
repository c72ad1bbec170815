"""The operators' pages: server-rendered HTML over the same services as the API. Vietnamese first, English second."""
