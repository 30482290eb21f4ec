"""The clients that know Ethereum's sizes only, at those sizes: the C++ and the Java client hold the
base file against the specification's own schemas, and what the accounts sign names the sizes.
Uploads of 6 MB wait for "100 Continue" where the client's library does."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), '..', 'support'))
import tap  # noqa: E402
from clients.chotto import Chotto  # noqa: E402
from clients.cpp import Cpp  # noqa: E402
from clients.schema import load  # noqa: E402
from clients.web import Web  # noqa: E402
from test_clients import ALL, LOBBY, Server, check_contribution, wait_for  # noqa: E402

SIZES = '4096,65:8192,65:16384,65:32768,65'
ENDS_S = 600


def the_clients_of_the_real_sizes_contribute_at_them():
    with Server(*LOBBY, sizes=SIZES) as s:
        clients = [s.client(kind) for kind in (Cpp, Web, Chotto)]
        for c in (clients[0], clients[2]):
            assert c.contributions == load('contributionSchema.json'), 'not the real schema'
        for c in clients:
            c.start()
        wait_for(clients, ENDS_S)
        transcript = s.transcript()
        for c in clients:
            check_contribution(transcript, c, ALL, True)
            assert len(c.body()) > 6000000
        s.check_transcript()


if __name__ == '__main__':
    tap.main(the_clients_of_the_real_sizes_contribute_at_them)
