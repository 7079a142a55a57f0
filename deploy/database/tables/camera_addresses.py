"""Layout of what ``streams/configuration/camera_addresses.py`` writes."""

from deploy.database.table import Kept
from streams.tables.table import Column

TABLE = Kept(
    "camera_addresses",
    "Cameras that the gateway reads, with their addresses; for the owner only",
    (
        Column("source", "text", "The camera's id"),
        Column("address", "text", "File or URL, without credentials"),
        Column("fps", "float8", "At most so many frames per second are published"),
        Column("loop", "bool", "Whether a file starts again at its end"),
        Column(
            "sealed",
            "bytea",
            "The whole address, encrypted with a key from the secrets folder (Fernet); null: it"
            " has no credentials",
        ),
        Column("verified", "bool", "False: its certificate is not looked at"),
    ),
    kept="until the camera is removed",
)
