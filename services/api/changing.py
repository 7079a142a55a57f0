"""What every route that changes the configuration takes and answers."""

from collections.abc import Iterator
from typing import Annotated

from fastapi import Depends, Request
from pydantic import BaseModel, Field

from services.api.auth import may, pool_of
from services.api.permissions import Permission
from services.api.users import User
from services.gateway.orders import Connection


class Accepted(BaseModel):
    """The change is in the log."""

    sequence: int = Field(description="Of the newest change of the configuration.")


def connection_of(request: Request) -> Iterator[Connection]:
    with pool_of(request).connection() as connection:
        yield connection


Changer = Annotated[User, may(Permission.CONFIGURATION_CHANGE)]
Database = Annotated[Connection, Depends(connection_of)]
