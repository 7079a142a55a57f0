"""What the receiver asks the database, by name: one file each in ``sql/``."""

from pathlib import Path

from streams import queries

SQL = {name: query.sql for name, query in queries.load(Path(__file__).parent / "sql").items()}
