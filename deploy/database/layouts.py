"""Every table and view that the database has, each as its own module describes it."""

import importlib
import pkgutil

import deploy.database.tables
from deploy.database.table import Dimension, Kept
from streams.tables.rows import STORED
from streams.tables.table import Described

KEPT: tuple[Kept, ...] = tuple(
    importlib.import_module(f"{deploy.database.tables.__name__}.{module.name}").TABLE
    for module in pkgutil.iter_modules(deploy.database.tables.__path__)
)
"""Those that the writer does not fill, in order of their names."""
DIMENSIONS = tuple(each for each in KEPT if isinstance(each, Dimension))
ALL: tuple[Described, ...] = (*STORED, *KEPT)
