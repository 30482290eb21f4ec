"""Ethereum keys for tests: addresses and personal_sign (EIP-191). Written from the definitions and in
nothing but Python, so that it is a second opinion on what src/algebra does. Never for real keys.

    eth.py sign SECRET < message     prints 0x and 130 hex digits
    eth.py address SECRET            prints the address with its capitals (EIP-55)
"""
import secrets
import sys

# ---- keccak-256 ----

ROTATIONS = ((0, 36, 3, 41, 18), (1, 44, 10, 45, 2), (62, 6, 43, 15, 61), (28, 55, 25, 21, 56),
             (27, 20, 39, 8, 14))
WORD = (1 << 64) - 1
RATE = 136


def _round_constants():
    register = 1
    for _ in range(24):
        constant = 0
        for j in range(7):
            constant |= (register & 1) << ((1 << j) - 1)
            register = (register << 1) ^ (0x171 if register >> 7 else 0)
        yield constant


CONSTANTS = tuple(_round_constants())


def _rotate(word, by):
    return ((word << by) | (word >> (64 - by))) & WORD if by else word


def _permute(a):
    for constant in CONSTANTS:
        c = [a[x][0] ^ a[x][1] ^ a[x][2] ^ a[x][3] ^ a[x][4] for x in range(5)]
        d = [c[(x + 4) % 5] ^ _rotate(c[(x + 1) % 5], 1) for x in range(5)]
        b = [[0] * 5 for _ in range(5)]
        for x in range(5):
            for y in range(5):
                b[y][(2 * x + 3 * y) % 5] = _rotate(a[x][y] ^ d[x], ROTATIONS[x][y])
        a = [[b[x][y] ^ (~b[(x + 1) % 5][y] & b[(x + 2) % 5][y]) for y in range(5)] for x in range(5)]
        a[0][0] ^= constant
    return a


def keccak256(data):
    padded = bytearray(data) + b'\x01' + bytes(-(len(data) + 1) % RATE)
    padded[-1] |= 0x80
    a = [[0] * 5 for _ in range(5)]
    for block in range(0, len(padded), RATE):
        for i in range(RATE // 8):
            at = block + 8 * i
            a[i % 5][i // 5] ^= int.from_bytes(padded[at:at + 8], 'little')
        a = _permute(a)
    return b''.join(a[i % 5][i // 5].to_bytes(8, 'little') for i in range(4))


# ---- secp256k1 ----

P = 2**256 - 2**32 - 977
N = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
G = (0x79BE667EF9DCBBAC55A06295CE870B07029BFCDB2DCE28D959F2815B16F81798,
     0x483ADA7726A3C4655DA4FBFC0E1108A8FD17B448A68554199C47D08FFB10D4B8)


def _add(p, q):
    if p is None or q is None:
        return q if p is None else p
    if p[0] == q[0] and (p[1] + q[1]) % P == 0:
        return None
    if p == q:
        slope = 3 * p[0] * p[0] * pow(2 * p[1], -1, P) % P
    else:
        slope = (q[1] - p[1]) * pow(q[0] - p[0], -1, P) % P
    x = (slope * slope - p[0] - q[0]) % P
    return x, (slope * (p[0] - x) - p[1]) % P


def _times(p, k):
    total = None
    while k:
        if k & 1:
            total = _add(total, p)
        p, k = _add(p, p), k >> 1
    return total


def new_secret():
    return '%064x' % (secrets.randbelow(N - 1) + 1)


def address(secret):
    """With the capitals of EIP-55; `secret`: 64 hex digits."""
    x, y = _times(G, int(secret, 16))
    digits = keccak256(x.to_bytes(32, 'big') + y.to_bytes(32, 'big'))[-20:].hex()
    capitals = keccak256(digits.encode()).hex()
    return '0x' + ''.join(d.upper() if int(c, 16) > 7 else d for d, c in zip(digits, capitals))


def sign_digest(secret, digest, low_s=True):
    """65 bytes r, s, v, where v is 27 or 28."""
    while True:
        k = secrets.randbelow(N - 1) + 1
        x, y = _times(G, k)
        r = x % N
        s = pow(k, -1, N) * (int.from_bytes(digest, 'big') + r * int(secret, 16)) % N
        odd = y & 1
        if (s > N // 2) == low_s:
            s, odd = N - s, odd ^ 1
        if r and s and x < N:
            return r.to_bytes(32, 'big') + s.to_bytes(32, 'big') + bytes([27 + odd])


def personal_digest(message):
    return keccak256(b'\x19Ethereum Signed Message:\n%d' % len(message) + message)


def personal_sign(secret, message, **how):
    """0x and 130 hex digits; `message` as text or bytes."""
    data = message.encode() if isinstance(message, str) else message
    return '0x' + sign_digest(secret, personal_digest(data), **how).hex()


def main():
    if sys.argv[1] == 'address':
        print(address(sys.argv[2]))
    else:
        print(personal_sign(sys.argv[2], sys.stdin.buffer.read()))


if __name__ == '__main__':
    main()
