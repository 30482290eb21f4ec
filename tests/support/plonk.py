"""A second opinion on src/setup/plonk*: zkSync Era's PLONK, verified slowly and in nothing but Python,
from the formulas that Ethereum's verifier follows, with words numbered as there. In place of the
pairing stands knowledge of tau, which is also what lets proofs be made here without a circuit: whoever
knows it can open any commitment at any value. For tests only.

    plonk.py DIR       writes a key, a proof and what to expect of it, the same each time
"""
import hashlib
import json
import os
import sys

sys.path.insert(0, os.path.dirname(__file__))
from eth import keccak256  # noqa: E402

P = 21888242871839275222246405745257275088696311157297823662689037894645226208583
R = 21888242871839275222246405745257275088548364400416034343698204186575808495617
N = 1 << 24
OMEGA = pow(7, (R - 1) // N, R)
G1 = (1, 2)
G2 = ((10857046999023057135944570762232829481370756359578518086990519993285655852781,
       11559732032986387107991004021392285783925812861821192530917403151452391805634),
      (8495653923123431417604973247489272438418190587263600148770280649306958101930,
       4082367875863433681332203403145435568316851327593401208105741076214120093531))
COSETS = (1, 5, 7, 10)
VERSION = b'0.24.2'


# ---- groups: affine points, None for infinity; coordinates are numbers, or pairs of them in G2 ----

class Fp:
    zero = 0

    @staticmethod
    def mul(a, b):
        return a * b % P

    @staticmethod
    def sub(a, b):
        return (a - b) % P

    @staticmethod
    def inverse(a):
        return pow(a, -1, P)


class Fp2:
    zero = (0, 0)

    @staticmethod
    def mul(a, b):
        return (a[0] * b[0] - a[1] * b[1]) % P, (a[0] * b[1] + a[1] * b[0]) % P

    @staticmethod
    def sub(a, b):
        return (a[0] - b[0]) % P, (a[1] - b[1]) % P

    @staticmethod
    def inverse(a):
        norm = pow(a[0] * a[0] + a[1] * a[1], -1, P)
        return a[0] * norm % P, -a[1] * norm % P


def add(p, q, f=Fp):
    if p is None or q is None:
        return p or q
    (px, py), (qx, qy) = p, q
    if px == qx:
        if py != qy or py == f.zero:
            return None
        square = f.mul(px, px)
        top = f.sub(square, f.sub(f.sub(f.zero, square), square))  # 3 x^2
        below = f.sub(py, f.sub(f.zero, py))
    else:
        top, below = f.sub(qy, py), f.sub(qx, px)
    slope = f.mul(top, f.inverse(below))
    x = f.sub(f.sub(f.mul(slope, slope), px), qx)
    return x, f.sub(f.mul(slope, f.sub(px, x)), py)


def times(p, k, f=Fp):
    ret = None
    for bit in bin(k % R)[2:]:
        ret = add(ret, ret, f)
        if bit == '1':
            ret = add(ret, p, f)
    return ret


def combine(*terms):
    """The sum of scalar times point."""
    ret = None
    for scalar, point in terms:
        ret = add(ret, times(point, scalar))
    return ret


# ---- the transcript ----

class Transcript:
    def __init__(self):
        self.low = self.high = bytes(32)
        self.drawn = 0

    def absorb(self, *words):
        for word in words:
            joined = self.low + self.high + word.to_bytes(32, 'big')
            self.low = keccak256(bytes(4) + joined)
            self.high = keccak256(bytes(3) + b'\1' + joined)

    def draw(self):
        digest = keccak256(b'\0\0\0\2' + self.low + self.high + self.drawn.to_bytes(4, 'big'))
        self.drawn += 1
        return int.from_bytes(digest, 'big') & ((1 << 253) - 1)


def challenges(pi, w):
    """All that the words determine. A proof that is being made draws them while its words come: what is
    drawn before a word is absorbed does not depend on it."""
    t, c = Transcript(), {}
    t.absorb(pi, *w[0:8])
    c['eta'] = t.draw()
    t.absorb(*w[10:12])
    c['beta'], c['gamma'] = t.draw(), t.draw()
    t.absorb(*w[8:10])
    c['lookup_beta'], c['lookup_gamma'] = t.draw(), t.draw()
    t.absorb(*w[12:14])
    c['alpha'] = t.draw()
    t.absorb(*w[14:22])
    c['z'] = t.draw()
    t.absorb(w[38], *w[22:26], w[26], w[27], *w[28:31], w[31], w[34], w[36], w[37], w[32], w[33], w[35],
             w[39])
    c['v'] = t.draw()
    t.absorb(*w[40:44])
    c['u'] = t.draw()
    z = c['z']
    c['z_to_n'] = pow(z, N, R)
    c['first'] = (c['z_to_n'] - 1) * pow(N * (z - 1), -1, R) % R
    last = pow(OMEGA, N - 1, R)
    c['last'] = last * (c['z_to_n'] - 1) * pow(N * (z - last), -1, R) % R
    c['before_last'] = (z - last) % R
    return c


# ---- the verification ----

def point(w, i):
    return w[i], w[i + 1]


def quotient_right(pi, w, c):
    """What t(z) (z^n - 1) must be."""
    alpha, beta, gamma = c['alpha'], c['beta'], c['gamma']
    shift = c['lookup_gamma'] * (c['lookup_beta'] + 1)
    product = w[31] * (w[25] + gamma)
    for i in range(3):
        product = product * (w[28 + i] * beta + gamma + w[22 + i]) % R
    ret = w[39] + c['first'] * pi * w[27]
    ret -= pow(alpha, 4, R) * product + pow(alpha, 5, R) * c['first']
    ret += pow(alpha, 6, R) * w[33] * (w[32] * c['lookup_beta'] + shift) * c['before_last']
    ret -= pow(alpha, 7, R) * c['first']
    ret -= pow(alpha, 8, R) * c['last'] * pow(shift, N - 1, R)
    return ret % R


def linearization(key, w, c):
    a, b, cc, d = w[22:26]
    q, alpha, z = key['gate'], c['alpha'], c['z']
    beta, gamma, lb, lg, eta = c['beta'], c['gamma'], c['lookup_beta'], c['lookup_gamma'], c['eta']
    unpermuted = 1
    for i in range(4):
        unpermuted = unpermuted * (w[22 + i] + COSETS[i] * beta * z + gamma) % R
    permuted = w[31]
    for i in range(3):
        permuted = permuted * (w[22 + i] + beta * w[28 + i] + gamma) % R
    f = w[36] * (a + eta * b + eta ** 2 * cc + eta ** 3 * w[37])
    lookup = (1 + lb) * (lg + f) * c['before_last'] * (lg * (1 + lb) + w[34] + lb * w[35])
    gates = combine(*zip((a, b, cc, d, a * b, a * cc, 1, w[26]), q))
    return combine(
        (w[27], gates),
        (alpha * (a * a - b) + alpha ** 2 * (b * b - cc) + alpha ** 3 * (cc * a - d), key['selectors'][1]),
        (alpha ** 4 * unpermuted + alpha ** 5 * c['first'], point(w, 8)),
        (-alpha ** 4 * beta * permuted, key['sigmas'][3]),
        (-alpha ** 6 * lookup + alpha ** 7 * c['first'] + alpha ** 8 * c['last'], point(w, 12)),
        (alpha ** 6 * w[33] * c['before_last'], point(w, 10)))


def openings(key, w, c):
    """(commitment, value) of all that is opened at z, and at z omega."""
    quotient = combine(*((pow(c['z_to_n'], i, R), point(w, 14 + 2 * i)) for i in range(4)))
    table = combine(*((pow(c['eta'], i, R), column) for i, column in enumerate(key['table'])))
    at = [(quotient, w[38]), (linearization(key, w, c), w[39])]
    at += [(point(w, 2 * i), w[22 + i]) for i in range(4)]
    at += [(key['selectors'][0], w[27])]
    at += [(key['sigmas'][i], w[28 + i]) for i in range(3)]
    at += [(table, w[34]), (key['lookup_selector'], w[36]), (key['table_number'], w[37])]
    after = [(point(w, 8), w[31]), (point(w, 6), w[26]), (point(w, 10), w[32]), (point(w, 12), w[33]),
             (table, w[35])]
    return at, after


def joined(opened, v, power):
    """The sum of v^power.. ([f] - f(y) G)."""
    powers = [pow(v, power + i, R) for i in range(len(opened))]
    values = sum(k * value for k, (_, value) in zip(powers, opened))
    return combine((-values, G1), *((k, commitment) for k, (commitment, _) in zip(powers, opened)))


def pair(w, c, at, after):
    """Of the openings, (A, B): they hold if tau A = B."""
    u, z = c['u'], c['z']
    ours, nexts = joined(at, c['v'], 0), joined(after, c['v'], len(at))
    with_one = combine((z, point(w, 40)), (u * z * OMEGA, point(w, 42)), (1, ours), (u, nexts))
    return combine((1, point(w, 40)), (u, point(w, 42))), with_one


def identities_hold(pi, w, c):
    return w[38] * (c['z_to_n'] - 1) % R == quotient_right(pi, w, c)


def holds(key, tau, pi, w):
    c = challenges(pi, w)
    with_tau, with_one = pair(w, c, *openings(key, w, c))
    return identities_hold(pi, w, c) and times(with_tau, tau) == with_one


# ---- making one ----

class Draws:
    """Numbers below R that depend on a name alone."""
    def __init__(self, name):
        self.name, self.n = name, 0

    def __call__(self):
        self.n += 1
        return int.from_bytes(hashlib.sha512(b'%s %d' % (self.name.encode(), self.n)).digest(), 'big') % R

    def points(self, n):
        return [times(G1, self()) for _ in range(n)]


def simulated(name):
    """(key, tau, public input, words): a key of no circuit, and a proof that holds under it."""
    draw = Draws(name)
    tau, pi = draw(), draw()
    key = {'gate': draw.points(8), 'selectors': draw.points(2), 'sigmas': draw.points(4),
           'table': draw.points(4), 'lookup_selector': draw.points(1)[0], 'table_number': draw.points(1)[0]}
    w = [coordinate for p in draw.points(11) for coordinate in p]
    w += [draw() for _ in range(22, 40)] + [1, 2, 1, 2]
    c = challenges(pi, w)  # of them only v and u are not yet what they will be
    w[38] = quotient_right(pi, w, c) * pow(c['z_to_n'] - 1, -1, R) % R
    c = challenges(pi, w)
    at, after = openings(key, w, c)
    w[40:42] = times(joined(at, c['v'], 0), pow(tau - c['z'], -1, R))
    w[42:44] = times(joined(after, c['v'], len(at)), pow(tau - c['z'] * OMEGA, -1, R))
    return key, tau, pi, w


# ---- files ----

def limbs(number):
    return [number >> 64 * i & (1 << 64) - 1 for i in range(4)]


def from_limbs(four):
    return sum(limb << 64 * i for i, limb in enumerate(four))


def json_g1(p):
    return {'x': limbs(p[0]), 'y': limbs(p[1]), 'infinity': False}


def json_g2(p):
    x, y = ({'c0': limbs(part[0]), 'c1': limbs(part[1])} for part in p)
    return {'x': x, 'y': y, 'infinity': False}


LISTS = {'gate': 'gate_setup_commitments', 'selectors': 'gate_selectors_commitments',
         'sigmas': 'permutation_commitments', 'table': 'lookup_tables_commitments'}
SINGLE = {'lookup_selector': 'lookup_selector_commitment', 'table_number': 'lookup_table_type_commitment'}


def key_document(key, tau):
    ret = {'n': N - 1, 'num_inputs': 1, 'state_width': 4, 'num_witness_polys': 0,
           'total_lookup_entries_length': 0, 'non_residues': [limbs(k) for k in COSETS[1:]],
           'g2_elements': [json_g2(G2), json_g2(times(G2, tau, Fp2))]}
    ret.update((there, [json_g1(p) for p in key[here]]) for here, there in LISTS.items())
    ret.update((there, json_g1(key[here])) for here, there in SINGLE.items())
    return ret


def key_of(document):
    def g1(p):
        return from_limbs(p['x']), from_limbs(p['y'])
    ret = {here: [g1(p) for p in document[there]] for here, there in LISTS.items()}
    ret.update((here, g1(document[there])) for here, there in SINGLE.items())
    return ret


def little(number, n=32):
    return number.to_bytes(n, 'little')


def proof_file(pi, w, hashes=bytes(128), version=VERSION):
    """The proof as Rust's bincode writes it."""
    def counted(n, *parts):
        return little(n, 8) + b''.join(parts)

    def points(first, n):
        return [little(w[first + 2 * i]) + little(w[first + 2 * i + 1]) + b'\0' for i in range(n)]

    def scalars(first, n):
        return [little(w[first + i]) for i in range(n)]

    there = b'\1'
    return b''.join([
        hashes, little(N - 1, 8), counted(1, little(pi)), counted(4, *points(0, 4)), counted(0),
        *points(8, 1), there, *points(10, 1), there, *points(12, 1), counted(4, *points(14, 4)),
        counted(4, *scalars(22, 4)), counted(1, little(1, 8), little(3, 8), *scalars(26, 1)),
        counted(0), counted(0), counted(0), counted(1, little(0, 8), *scalars(27, 1)),
        counted(3, *scalars(28, 3)), *scalars(31, 1), *(there + s for s in scalars(32, 6)),
        *scalars(38, 2), *points(40, 2), counted(len(version), version)])


def expectation(pi, hashes=bytes(128)):
    return {'public_input': hex(pi),
            'aggregation_result_coords': ['0x' + hashes[i:i + 32].hex() for i in range(0, 128, 32)]}


def published(folder):
    """(key, expectation, proof): the project's own example, in a folder of the shared data."""
    with open(os.path.join(folder, 'plonk_zksync_example.json'), encoding='utf-8') as f:
        example = json.load(f)
    with open(os.path.join(folder, 'example-proof.bin'), 'rb') as f:
        proof = f.read()

    def vk(name):
        return tuple(int(example['vk']['VK_%s_%s_SLOT' % (name, axis)], 16) for axis in 'XY')
    key = {'gate': [vk('GATE_SETUP_%d' % i) for i in range(8)],
           'selectors': [vk('GATE_SELECTORS_%d' % i) for i in range(2)],
           'sigmas': [vk('PERMUTATION_%d' % i) for i in range(4)],
           'table': [vk('LOOKUP_TABLE_%d' % i) for i in range(4)],
           'lookup_selector': vk('LOOKUP_SELECTOR'), 'table_number': vk('LOOKUP_TABLE_TYPE')}
    x0, x1, y0, y1 = (int(number, 16) for number in example['g2'][1])
    document = key_document(key, 1)
    document['g2_elements'][1] = json_g2(((x0, x1), (y0, y1)))
    return document, expectation(int(example['public_input'], 16), proof[:128]), proof


def main():
    key, tau, pi, w = simulated('corpus')
    assert holds(key, tau, pi, w)
    hashes = b''.join(hashlib.sha256(b'%d' % i).digest() for i in range(4))
    with open(os.path.join(sys.argv[1], 'vk.json'), 'w', encoding='utf-8') as f:
        json.dump(key_document(key, tau), f, separators=(',', ':'))
    with open(os.path.join(sys.argv[1], 'expect.json'), 'w', encoding='utf-8') as f:
        json.dump(expectation(pi, hashes), f)
    with open(os.path.join(sys.argv[1], 'proof.bin'), 'wb') as f:
        f.write(proof_file(pi, w, hashes))


if __name__ == '__main__':
    main()
