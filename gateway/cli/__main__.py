"""`python -m gateway.cli`, for processes that start one another."""

from gateway.cli.entry import main

main()
