"""`python -m gateway.cli`, for processes that start one another."""

from gateway.cli.main import main

main()
