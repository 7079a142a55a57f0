"""How programs on this machine know the console and API by TLS."""

import ssl

from streams.settings import SettingError, Settings


def trusting(settings: Settings) -> ssl.SSLContext | None:
    """Trusts what the settings name as the certificate, whatever name it is for: that file says who
    the service is. None: it is served in the clear.

    Raises:
        SettingError: the file cannot be used.
    """
    if not settings.tls_certificate:
        return None
    context = ssl.create_default_context()
    context.check_hostname = False  # it is for the city's name, and this machine asks 127.0.0.1
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        context.load_verify_locations(settings.tls_certificate)
    except (OSError, ssl.SSLError) as error:
        said = f"CITYOPS_TLS_CERTIFICATE={settings.tls_certificate!r}: {error}"
        raise SettingError(said) from None
    return context
