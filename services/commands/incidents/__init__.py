"""Incidents: list, follow, explain. Without a command: list."""

from services.commandline.listing import Listed

GROUP = Listed
