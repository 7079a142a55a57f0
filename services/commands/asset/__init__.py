"""All that the city has, whether it reports or not: list, show, import and export."""
