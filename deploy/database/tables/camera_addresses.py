"""Layout of what ``services/gateway/orders.py`` writes."""

from deploy.database.table import Kept
from streams.tables.table import Column

TABLE = Kept(
    "camera_addresses",
    "Cameras that the gateway reads, with their full addresses; for the owner only",
    (
        Column("source", "text", "The camera's id"),
        Column("address", "text", "File or URL that OpenCV opens, credentials included"),
        Column("fps", "float8", "At most so many frames per second are published"),
        Column("loop", "bool", "Whether a file starts again at its end"),
    ),
    kept="until the camera is removed",
)
