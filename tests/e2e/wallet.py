"""Somebody with an Ethereum key who signs in as wallets and their clients do."""
from kzg_server import JSON, compact

import eth  # isort: skip (found by the path that kzg_server sets)

WANTS = ' wants you to sign in with your Ethereum account:\n'


class Wallet:
    """A throw-away key. `address` has the capitals of EIP-55."""

    def __init__(self):
        self.secret = eth.new_secret()
        self.address = eth.address(self.secret)
        self.identity = 'eth|' + self.address.lower()

    def sign(self, message, **how):
        return eth.personal_sign(self.secret, message, **how)

    def message(self, parts, **changed):
        """The text of EIP-4361 from what GET /auth/nonce answers; None leaves a line out."""
        p = {'address': self.address, 'not_before': None, **parts, **changed}
        lines = [('URI', 'uri'), ('Version', 'version'), ('Chain ID', 'chain_id'), ('Nonce', 'nonce'),
                 ('Issued At', 'issued_at'), ('Expiration Time', 'expiration_time'),
                 ('Not Before', 'not_before')]
        statement = p['statement'] + '\n' if p['statement'] else ''
        return p['domain'] + WANTS + p['address'] + '\n\n' + statement + '\n' + \
            '\n'.join('%s: %s' % (name, p[key]) for name, key in lines if p[key] is not None)

    def body(self, server, **changed):
        """What POST /login takes, as a value."""
        message = self.message(nonce(server), **changed)
        return {'message': message, 'signature': self.sign(message)}

    def sign_in(self, server, **changed):
        return login(server, self.body(server, **changed))


def nonce(server, query=''):
    status, parts = server.json('GET', '/auth/nonce' + query)
    assert status == 200, (status, parts)
    return parts


def login(server, body):
    """(status, value)"""
    return server.json('POST', '/login', JSON, body=body if isinstance(body, bytes) else compact(body))


def invite(server, *wallets):
    """Enters their addresses."""
    for w in wallets:
        assert server.invite('--wallet', w.address) == [w.address, w.identity + '\n']
