"""What each camera saw in each hour, and what had been usual then: see ``hours``."""

from streams.tables.table import ORIGIN, Column, Stored

TABLE = Stored(
    "camera_hours",
    "What each camera saw in each hour, and what was usual at that hour of days of its kind (Monday"
    " to Friday, or the weekend) in the month before: one row per hour, camera and detector",
    (
        Column("time", "timestamptz", "Start of the hour, event time (UTC)"),
        Column("camera", "text", "Id of the camera"),
        Column("model", "text", "Detector that looked, name@version"),
        Column("origin", "text", ORIGIN),
        Column("frames", "int8", "Pictures that came in time (number of)"),
        Column("good", "int8", "Those of them by which things can be judged (number of)"),
        Column(
            "looked",
            "int8",
            "Good ones that a model looked at, as something had changed (number of)",
        ),
        Column("damaged", "int8", "Of the others: damaged (number of)"),
        Column("frozen", "int8", "The same to the last bit as those before (number of)"),
        Column("dark", "int8", "Without any light (number of)"),
        Column("covered", "int8", "Something is right before the lens (number of)"),
        Column("blinded", "int8", "The sun or a lamp shines into it (number of)"),
        Column("moved", "int8", "Of another view than the zones are drawn on (number of)"),
        Column("boxes", "int8", "Things seen in those that were looked at (number of)"),
        Column("score_low", "float4", "Score that a tenth of them is below, 0 to 1"),
        Column("score_middle", "float4", "Score that half of them is below, 0 to 1"),
        Column("score_high", "float4", "Score that nine tenths are below, 0 to 1"),
        Column("days", "int4", "Days that it is compared with (number of)"),
        Column("usual_boxes", "float8", "Median of things in a picture looked at; null: not known"),
        Column("spread_boxes", "float8", "Median deviation from that (things in a picture)"),
        Column("usual_score", "float8", "Median of the middle score, 0 to 1; null: not known yet"),
        Column("spread_score", "float8", "Median deviation from that (score, 0 to 1)"),
        Column("usual_bad", "float8", "Median share of pictures not good, 0 to 1; null: not known"),
        Column("spread_bad", "float8", "Median deviation from that (share, 0 to 1)"),
    ),
    lambda settings: settings.retention_days,
)
