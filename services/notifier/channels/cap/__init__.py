"""Messages of the Common Alerting Protocol (CAP 1.2) over HTTP."""
