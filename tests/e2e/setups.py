"""Small Groth16 setups made by convoke itself, on both curves, for tests in Python: a circuit of a
few rows, powers of tau with a contribution and a beacon, and keys."""
import json
import os
import struct
import subprocess

from ceremony import CONVOKE, WAIT_S, convoke, done

CURVES = ('bn254', 'bls12_381')
ORDERS = {
    'bn254': 21888242871839275222246405745257275088548364400416034343698204186575808495617,
    'bls12_381': 0x73eda753299d7d483339d80809a1d80553bda402fffe5bfeffffffff00000001}
BEACON = '0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20'


def circuit(path, curve, rows):
    """A .r1cs: one output, one private input that is squared `rows` times."""
    def field(value):
        return value.to_bytes(32, 'little')

    def term(wire):
        return struct.pack('<II', 1, wire) + field(1)

    wires = rows + 2
    header = struct.pack('<I', 32) + field(ORDERS[curve]) + struct.pack(
        '<IIIIQI', wires, 1, 0, 1, wires, rows)
    squares = b''.join(2 * term(2 + i) + term(3 + i if i + 1 < rows else 1) for i in range(rows))
    labels = b''.join(struct.pack('<Q', i) for i in range(wires))
    with open(path, 'wb') as f:
        f.write(b'r1cs' + struct.pack('<II', 1, 3))
        for kind, data in ((2, squares), (1, header), (3, labels)):
            f.write(struct.pack('<IQ', kind, len(data)) + data)


def answer(*args, status=0):
    """What a command says with --json: one object on one line, and nothing else."""
    got = convoke(*args, '--json')
    assert got.returncode == status, (args, got.returncode, got.stdout, got.stderr)
    lines = got.stdout.splitlines()
    assert len(lines) == 1, (args, got.stdout)
    return json.loads(lines[0])


def start(*args, **how):
    """The program, running."""
    return subprocess.Popen([CONVOKE, *(str(a) for a in args)], stdin=subprocess.DEVNULL,
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **how)


def end(process):
    """(status, what it said) of a program that was started."""
    out, err = process.communicate(timeout=4 * WAIT_S)
    return process.returncode, out + err


class Setup:
    """Files in `root` whose names begin with the curve's: .path('powers') and so on."""

    def __init__(self, root, curve, power=3, rows=5):
        self.root, self.curve = root, curve
        circuit(self.path('circuit'), curve, rows)
        for args in (('ptau', 'new', curve, power, 'ptau0'),
                     ('ptau', 'contribute', 'ptau0', 'ptau1', '--name', 'alice'),
                     ('ptau', 'beacon', 'ptau1', 'ptau2', BEACON, 10, '--name', 'the end'),
                     ('ptau', 'prepare', 'ptau2', 'powers'),
                     ('zkey', 'new', 'circuit', 'powers', 'key0'),
                     ('zkey', 'contribute', 'key0', 'key1', '--name', 'alice')):
            self.run(*args)

    def path(self, name):
        return os.path.join(self.root, self.curve + '.' + name)

    def named(self, args):
        """The arguments, with the names of our files as their paths."""
        return [self.path(a) if a in NAMES else a for a in args]

    def run(self, *args):
        return done(convoke(*self.named(args)))


NAMES = ('circuit', 'ptau0', 'ptau1', 'ptau2', 'powers', 'key0', 'key1')
