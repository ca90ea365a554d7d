"""Hosts by name or number: does what is said to one leave this machine?"""

from ipaddress import ip_address


def is_loopback(host: str) -> bool:
    """What is sent there stays on this machine. No name but "localhost" is looked up."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
