"""The accounts of the parts, and telling the broker of them."""

from kafka.admin import (
    ACLFilter,
    ACLOperation,
    ACLPermissionType,
    ACLResourcePatternType,
    ResourcePatternFilter,
    ResourceType,
    ScramMechanism,
    UserScramCredentialUpsertion,
)

from deploy.broker.passwords import made
from deploy.broker.rights import ACCOUNTS, rights
from streams.kafka.access import OWNER
from streams.kafka.clients import administering
from streams.settings import Settings

EVERY = ACLFilter(
    None,
    None,
    ACLOperation.ANY,
    ACLPermissionType.ANY,
    ResourcePatternFilter(ResourceType.ANY, None, ACLResourcePatternType.ANY),
)


def admit(settings: Settings) -> None:
    """Tells the broker every account and what it may, and takes back whatever else it was told.

    As its owner, again at each start.

    Raises:
        BrokerAwayError: the broker does not answer, or does not know the owner.
        OSError: a password's file cannot be read or written.
    """
    credentials = [
        UserScramCredentialUpsertion(account, ScramMechanism.SCRAM_SHA_512, made(settings, account))
        for account in ACCOUNTS
    ]
    wanted = {right.acl() for right in rights(settings.namespace)}
    with administering(settings, OWNER) as admin:
        admin.alter_user_scram_credentials(credentials)
        known, _ = admin.describe_acls(EVERY)
        admin.create_acls(sorted(wanted - set(known), key=str))
        no_more = [acl for acl in known if acl not in wanted]
        if no_more:
            admin.delete_acls(no_more)
