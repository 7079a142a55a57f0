"""Browsers and telephones in which one is told of alerts (web push); turned on in the console."""
