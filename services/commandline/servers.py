"""What a command says where a server that it needs does not answer."""

from services.commandline.output import CommandError


def no_kafka(error: Exception, *, instead: str = "") -> CommandError:
    """Of a BrokerAwayError; ``instead``: what there is besides starting one."""
    or_else = f", or {instead}" if instead else ""
    return CommandError(f"{error}; run 'make up' first{or_else}")


def no_database(error: Exception) -> CommandError:
    """Of a psycopg.OperationalError, whose first line is the reason."""
    reason = str(error).splitlines()[0]
    return CommandError(f"the database does not answer ({reason}); run 'make up' first")
