"""Tell whether a host, by name or number, is this machine."""

from ipaddress import ip_address


def is_loopback(host: str) -> bool:
    """Tell whether data sent to a host stays on this machine. Of names, only "localhost" counts."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
