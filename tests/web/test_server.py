"""The site's socket."""

import socket

from web.server import listen


def test_no_answer_waits_for_the_acknowledgement_of_its_first_packet() -> None:
    with listen("127.0.0.1", 0) as bound, socket.create_connection(bound.getsockname()):
        accepted, _address = bound.accept()
        with accepted:
            assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
