"""The national payment platform as one bank's notes of 2026 tell it: an example, not a contract."""

from connectors.tttt_2026.connector import Tttt2026Connector

CONNECTOR = Tttt2026Connector
