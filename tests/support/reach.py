"""What tests' cameras may reach: any file, and this machine, on which their servers are."""

from pathlib import Path

from services.gateway.reach import Reach
from streams.networks import networks

FOLDERS, NETWORKS = "/", "private,loopback"
"""As settings."""
EVERYWHERE = Reach((Path(FOLDERS),), networks(NETWORKS))
