"""What of a camera's address people may see."""

import pytest

from services.gateway.orders import CameraOrder, add_camera
from streams.configuration.address import (
    carries_secret,
    fault,
    user_of,
    wants_password,
    with_credentials,
    without_credentials,
)
from streams.configuration.check import InvalidChangeError
from streams.settings import Settings


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("rtsp://user:p%40ss@10.0.0.5:554/ch1?token=abc", "rtsp://10.0.0.5:554/ch1"),
        ("rtsp://user:p@ss@10.0.0.5/ch1", "rtsp://10.0.0.5/ch1"),
        ("http://host/stream.mjpg", "http://host/stream.mjpg"),
        ("HTTP://host:8080/", "HTTP://host:8080/"),
        ("rtsp://[fe80::1]:554/a/b", "rtsp://[fe80::1]:554/a/b"),
        ("udp://@239.0.0.1:1234", "udp://239.0.0.1:1234"),
        ("/videos/a@b.avi", "/videos/a@b.avi"),
        ("0", "0"),
        ("rtsp://h/user=a&password=S&channel=1", "rtsp://h/…"),
        ("rtsp://h/live/user=a_password=S_channel=1/x", "rtsp://h/live/…"),
        ("rtsp://a:S#x@h/l", "rtsp://…"),
        ("rtsp://a:S/x@h/l", "rtsp://…"),
        ("rtsp://a:S?x@h/l", "rtsp://…"),
        ("rtsp://a@b:S/x@h/l", "rtsp://…"),
        ("rtsp://a:1234/x@h/l", "rtsp://…"),
        ("rtsp://h/l?password=x@S", "rtsp://…"),
        ("rtsp:a:S@x://h/l", "…://…"),
        ("rtsp://h/cam?channel=2&subtype=0", "rtsp://h/cam?channel=2&subtype=0"),
        ("rtsp://h/x?channel=1&usr=a&pwd=S#S", "rtsp://h/x?channel=1"),
        ("rtsp://h/x?channel=aB3dE5fG7hI9jK1l", "rtsp://h/x"),
        ("rtsp://h/trackID=1", "rtsp://h/trackID=1"),
        ("rtsp://h/{password}/x", "rtsp://h/…"),
        ("rtsp://h/x?channel=1&camera={password}", "rtsp://h/x?channel=1"),
        ("rtsp://h/user%3Da%26password%3DS/x", "rtsp://h/…"),
        ("rtsp://h/user%253Da%2526password%253DS/x", "rtsp://h/…"),
        ("rtsp://h/a:S/x?channel=1", "rtsp://h/…"),
        ("rtsp://h:7447/aB3dE5fG7hI9jK1l", "rtsp://h:7447/…"),
        ("rtsp://h/Streaming/Channels/101", "rtsp://h/Streaming/Channels/101"),
        ("rtsp://h/h264Preview_01_main", "rtsp://h/h264Preview_01_main"),
        ("rtsp://a:S@h\\@10.0.0.5/x", "rtsp://10.0.0.5/x"),
    ],
)
def test_an_address_is_shown_without_its_credentials(address: str, public: str) -> None:
    assert without_credentials(address) == public
    assert without_credentials(public) == public


SECRET = "S3cr3t"


@pytest.mark.parametrize("user", ["a", "a@b", "a:b", ""])
@pytest.mark.parametrize("inside", ["", "/", "#", "?", "@", ":", "//", "/@", "%2F", "[", "]"])
@pytest.mark.parametrize("behind", ["", "x", "1"])
def test_no_password_is_shown_wherever_it_has_odd_characters(
    user: str, inside: str, behind: str
) -> None:
    for password in (f"{SECRET}{inside}{behind}", f"{behind}{inside}{SECRET}"):
        assert SECRET not in without_credentials(f"rtsp://{user}:{password}@10.0.0.5/live")
        assert SECRET not in fault(f"rtsp://{user}:{password}@10.0.0.5/live")


@pytest.mark.parametrize("inside", ["#", "/", "?"])
def test_a_password_that_makes_another_host_is_refused(inside: str) -> None:
    address = f"rtsp://admin:{SECRET}{inside}x@10.0.0.5/live"
    with pytest.raises(InvalidChangeError, match="%2F") as caught:
        add_camera(None, Settings(), CameraOrder(id="gate", address=address), "test")  # type: ignore[arg-type]
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize(
    "address",
    ["rtsp://h/1", "http://user:p%23@h:80/x?y=1", "rtsp://[::1]/x", "/x.avi", "udp://@:5000"],
)
def test_usual_addresses_have_no_fault(address: str) -> None:
    assert not fault(address)


@pytest.mark.parametrize(
    "address",
    [
        "rtsp://a:S@h/1",
        "rtsp://:S@h/1",
        "http://h/x?user=a&password=S",
        "http://h/x?usr=a&pwd=S",
        "http://h/x?ACCESS_TOKEN=S",
        "http://h/x?api-key=S",
        "http://h/x?auth=YTpT",
        "http://h/x?loginpas=S",
        "http://h/x?p%61ssword=S",
        "rtsp://h/user=a&password=S&channel=1",
        "rtsp://h/user=a_password=S_channel=1",
        "rtsp://h/aB3dE5fG7hI9jK1l",
        "rtsp://a:S/x@h/1",
        "rtsp://a:{password}@h/x?token=S",
    ],
)
def test_a_secret_is_recognised(address: str) -> None:
    assert carries_secret(address)


@pytest.mark.parametrize(
    "address",
    [
        "rtsp://a@h/1",
        "rtsp://a:@h/1",
        "http://h/x?user={user}&password={password}",
        "rtsp://h/cam/realmonitor?channel=1&subtype=0",
        "rtsp://h/user={user}_password={password}_channel=1",
        "/films/password=S.avi",
        "0",
    ],
)
def test_what_holds_no_secret_may_be_typed(address: str) -> None:
    assert not carries_secret(address)


ODD = "p@s/s:w#o?r&d%4=1 ệ"
ESCAPED = "p%40s%2Fs%3Aw%23o%3Fr%26d%254%3D1%20%E1%BB%87"


@pytest.mark.parametrize(
    ("address", "whole"),
    [
        ("rtsp://h/1", f"rtsp://a%40b:{ESCAPED}@h/1"),
        ("rtsp://c@h/1", f"rtsp://a%40b:{ESCAPED}@h/1"),
        ("http://h/x?u={user}&pwd={password}", f"http://h/x?u=a%40b&pwd={ESCAPED}"),
        ("rtsp://h/{password}", f"rtsp://h/{ESCAPED}"),
    ],
)
def test_credentials_get_where_they_belong(address: str, whole: str) -> None:
    found = with_credentials(address, "a@b", ODD)
    assert found == whole
    assert not fault(found)
    assert ESCAPED not in without_credentials(found)


def test_the_user_may_stand_in_the_address() -> None:
    assert with_credentials("rtsp://c%40d@h/1", "", "S") == "rtsp://c%40d:S@h/1"
    assert user_of("rtsp://c%40d@h/1") == "c@d"
    assert wants_password("rtsp://c@h/1")
    assert wants_password("http://h/x?pwd={password}")
    assert not wants_password("rtsp://h/1")
    assert with_credentials("rtsp://h/1", "", "") == "rtsp://h/1"


@pytest.mark.parametrize("address", ["/x.avi", "0", "http://h/x?pwd={password}&u={user}"])
def test_credentials_without_a_place_are_refused(address: str) -> None:
    with pytest.raises(ValueError, match=r"no user|place for") as caught:
        with_credentials(address, "", SECRET)
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize(
    "address",
    ["rtsp://h\\@10.0.0.5/x", "rtsp://a b/x", "rtsp://ho%73t/x", "rtsp://hải-phòng.vn/x",
     "rtsp://１２７.0.0.1/x", "rtsp://h/l@x", "rtsp://h/l?x@y", "rtsp://[fe80::1%25eth0]/x"],
)  # fmt: skip
def test_what_two_programs_may_read_in_two_ways_is_refused(address: str) -> None:
    assert fault(address)


@pytest.mark.parametrize("port", ["0", "65536", "9" * 5000])
def test_a_port_that_cannot_be_is_refused(port: str) -> None:
    assert "port" in fault(f"http://user:p@10.0.0.5:{port}/x")
    assert "port" in fault(f"http://[::1]:{port}/x")
    assert not fault("http://[::1]:65535/x")
