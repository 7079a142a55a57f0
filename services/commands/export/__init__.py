"""Files (CSV) for a spreadsheet: alerts, incidents, readings, dispositions."""
