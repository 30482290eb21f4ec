"""The binary form of a contribution (docs/TRANSCRIPT.md), written and read from its table alone."""
import struct

TYPE = 'application/vnd.convoke.kzg'
MAGIC = b'\x89CVKKZG\x01'


def _bytes(text):
    return bytes.fromhex(text[2:]) if text else b''


def _hex(data):
    return '0x' + data.hex() if data else ''


def encode(batch):
    """A BatchContribution as JSON value -> its bytes."""
    ecdsa = _bytes(batch.get('ecdsaSignature'))
    head, body = [MAGIC, struct.pack('>BB', len(batch['contributions']), bool(ecdsa))], []
    for sub in batch['contributions']:
        g1, g2 = sub['powersOfTau']['G1Powers'], sub['powersOfTau']['G2Powers']
        bls = _bytes(sub.get('blsSignature'))
        head.append(struct.pack('>IIB', len(g1), len(g2), bool(bls)))
        body += [_bytes(p) for p in g1 + g2] + [_bytes(sub['potPubkey']), bls]
    return b''.join(head + body + [ecdsa])


def decode(data):
    """The bytes -> the value of the JSON that the server would have sent."""
    assert data.startswith(MAGIC), data[:8]
    n, has_ecdsa = struct.unpack_from('>BB', data, 8)
    at = 10 + 9 * n

    def take(size):
        nonlocal at
        at += size
        assert at <= len(data)
        return _hex(data[at - size:at])

    subs = []
    for i in range(n):
        n1, n2, has_bls = struct.unpack_from('>IIB', data, 10 + 9 * i)
        powers = {'G1Powers': [take(48) for _ in range(n1)],
                  'G2Powers': [take(96) for _ in range(n2)]}
        subs.append({'numG1Powers': n1, 'numG2Powers': n2, 'powersOfTau': powers,
                     'potPubkey': take(96), 'blsSignature': take(48 * has_bls)})
    batch = {'contributions': subs, 'ecdsaSignature': take(65 * has_ecdsa)}
    assert at == len(data), (at, len(data))
    return batch
