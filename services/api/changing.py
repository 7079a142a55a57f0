"""What every route that changes the configuration takes and answers."""

from collections.abc import Iterator
from typing import Annotated

from fastapi import Depends, Request
from pydantic import BaseModel, Field

from services.api.asked import asked
from services.api.auth import may, pool_of
from services.api.permissions import Permission
from services.api.recording import record_first, recorded
from services.api.users import User
from services.gateway.orders import Connection


class Accepted(BaseModel):
    """The change is in the log."""

    sequence: int = Field(description="Of the newest change of the configuration.")


def connection_of(request: Request) -> Iterator[Connection]:
    """A route's connection; what a route changes is one transaction with its line in the audit log,
    which ends before the answer is sent.
    """
    rule = asked(request).rule
    with pool_of(request).connection() as connection:
        if rule is not None and rule.sort == "change":
            with recorded(request, connection):
                yield connection
            return
        if rule is not None and rule.sort == "order":
            record_first(request, connection)
        yield connection


Changer = Annotated[User, may(Permission.CONFIGURATION_CHANGE)]
Database = Annotated[Connection, Depends(connection_of, scope="function")]
