"""What of a camera's address people may see."""

import pytest

from services.gateway.orders import CameraOrder, add_camera
from streams.configuration.address import fault, without_credentials
from streams.configuration.check import InvalidChangeError


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
        add_camera(None, CameraOrder(id="gate", address=address), "test")  # type: ignore[arg-type]
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize(
    "address",
    ["rtsp://h/1", "http://user:p%23@h:80/x?y=1", "rtsp://[::1]/x", "/x.avi", "udp://@:5000"],
)
def test_usual_addresses_have_no_fault(address: str) -> None:
    assert not fault(address)
