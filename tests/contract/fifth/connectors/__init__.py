"""A made-up weather service: the smallest connector there can be."""

from connectors.weather.connector import WeatherConnector

CONNECTOR = WeatherConnector
