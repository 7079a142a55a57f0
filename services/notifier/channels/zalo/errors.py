"""What Zalo's error codes mean for a message, in words of our own. Pure.

Written from the vendor's public table of the Official Account API (developers.zalo.me, "Bảng mã
lỗi"); never seen from the real service. Zalo answers 200 where it fails, too: only ``error`` 0 is
success. What a message of Zalo's says is not passed on, as it may name whom it was for.
"""

from services.notifier.channel import FailedError, RefusedError

INVALID_TOKEN = -216
TOKEN = frozenset({INVALID_TOKEN, -220})
"""The access token is none, or no longer: another one may be."""
AGAIN = {
    -32: "too many calls a minute for Zalo",
    -200: "Zalo could not send it",
}
"""What is over by itself."""
QUOTA = {
    -211: "the account's quota of messages is used up",
    -218: "this recipient's quota of messages is used up",
    -224: "the account's package of services does not have this",
    -320: "the application has no Zalo Cloud Account that pays",
    -321: "the Zalo Cloud Account has no money left",
}
"""What waiting a minute does not mend: whoever is told instead is told at once."""
REFUSED = {
    -201: "Zalo takes something in the message, or the recipient's id, for wrong",
    -204: "the Official Account is switched off",
    -205: "there is no such Official Account",
    -209: "the application is not active at Zalo",
    -210: "the message is too long for Zalo",
    -212: "the application has not registered this interface at Zalo",
    -213: "the recipient does not follow the Official Account",
    -219: "the application was removed or disabled at Zalo",
    -221: "the Official Account is not verified",
    -223: "the Official Account has not authorised the application for this",
    -227: "the recipient is banned, or was away for more than 45 days",
    -230: "the recipient has not written to the Official Account for 7 days",
    -232: "the recipient has not written to the Official Account, or too long ago",
    -233: "Zalo does not take this type of message",
    -234: "Zalo does not send this at night (22:00 to 6:00)",
    -235: "Zalo does not offer this to such an Official Account",
    -240: "Zalo has shut this interface down",
    -244: "the recipient does not want such messages of the Official Account",
    -248: "Zalo takes the message for against its rules",
}


def raise_for(code: int) -> None:
    """Returns on 0; raises FailedError, RefusedError. Of a token's codes: it is refused."""
    if code == 0:
        return
    if code in AGAIN:
        raise FailedError(f"{AGAIN[code]} (error {code})")
    said = QUOTA.get(code) or REFUSED.get(code)
    if code in TOKEN:
        said = "Zalo takes no access token of this application, not even a new one"
    raise RefusedError(f"{said} (error {code})" if said else f"Zalo answers error {code}")
