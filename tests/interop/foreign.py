"""The foreign judges of our Groth16 files, run as programs: snarkjs, circom, solc and an EVM.

They come from npm (docs/adr/0004). Without node or without them, tests that need them are skipped.
"""
import json
import os
import shutil
import subprocess
import tempfile

import tap

CONVOKE = os.path.abspath(os.path.join(os.environ.get('BUILD_DIR', 'build'), 'convoke'))
SOURCE = os.environ.get('CONVOKE_SOURCE', os.path.join(os.path.dirname(__file__), '..', '..'))
MODULES = os.path.join(SOURCE, 'node_modules')
SNARKJS = os.path.join(MODULES, 'snarkjs', 'build', 'cli.cjs')
CIRCOM = os.path.join(MODULES, 'circom2', 'cli.js')
EVM = os.path.join(os.path.dirname(__file__), 'evm.mjs')
BEACON = bytes(range(1, 33)).hex()
TIMEOUT_S = 300

# How the two tools call each curve: ours, snarkjs's argument, its JSON, circom's option.
CURVES = (('bn254', 'bn128', 'bn128', 'bn128'), ('bls12_381', 'bls12-381', 'bls12381', 'bls12381'))


def need_foreign():
    if shutil.which('node') is None:
        raise tap.Skip('there is no node')
    for path in (SNARKJS, CIRCOM, os.path.join(MODULES, 'solc'), os.path.join(MODULES, '@ethereumjs')):
        if not os.path.exists(path):
            raise tap.Skip('%s is missing: run npm ci --ignore-scripts' % os.path.relpath(path, SOURCE))


def run(*command, cwd, text=None):
    return subprocess.run([str(word) for word in command], cwd=cwd, input=text, check=False,
                          stdin=subprocess.DEVNULL if text is None else None,
                          capture_output=True, text=True, errors='replace', timeout=TIMEOUT_S)


def done(result):
    """The result, which must have ended with 0."""
    assert result.returncode == 0, '%s: status %d\n%s%s' % (
        ' '.join(result.args[:4]), result.returncode, result.stdout, result.stderr)
    return result


class Work:
    """`with Work() as w:` a directory of its own, in which both tools run."""

    def __init__(self):
        need_foreign()
        self.dir = tempfile.mkdtemp(prefix='convoke-interop.')

    def __enter__(self):
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.dir)

    def path(self, name):
        return os.path.join(self.dir, name)

    def bytes(self, name):
        with open(self.path(name), 'rb') as f:
            return f.read()

    def json(self, name):
        return json.loads(self.bytes(name))

    def write(self, name, data):
        with open(self.path(name), 'wb') as f:
            f.write(data)
        return name

    def same(self, one, other):
        assert self.bytes(one) == self.bytes(other), '%s and %s differ' % (one, other)

    # -- running --

    def foreign(self, program, *args, text=None):
        return run('node', program, *args, cwd=self.dir, text=text)

    def snarkjs(self, *args):
        """snarkjs must succeed: its output."""
        return done(self.foreign(SNARKJS, *args)).stdout

    def snarkjs_refuses(self, *args):
        got = self.foreign(SNARKJS, *args)
        assert got.returncode == 1, (args, got.returncode, got.stdout, got.stderr)

    def circom(self, source, prime):
        """Compiles NAME.circom to NAME.r1cs and NAME_js/NAME.wasm."""
        done(self.foreign(CIRCOM, source, '--prime', prime, '--r1cs', '--wasm'))

    def convoke(self, *args):
        return run(CONVOKE, *args, cwd=self.dir)

    def ours(self, *args):
        """convoke must succeed: its output."""
        return done(self.convoke(*args)).stdout

    def ours_refuses(self, *args):
        got = self.convoke(*args)
        assert got.returncode == 1, (args, got.returncode, got.stdout, got.stderr)
        return got.stdout

    def evm(self, source, calls, runs='200'):
        """Deploys the contract of a Solidity file and calls verifyProof with each list of numbers:
        (about the contract, [{returned, valid, gas}])."""
        text = ''.join(''.join('%064x' % word for word in call) + '\n' for call in calls)
        got = done(self.foreign(EVM, self.path(source), 'Groth16Verifier', runs, text=text))
        about, *answers = [json.loads(line) for line in got.stdout.splitlines()]
        assert len(answers) == len(calls), got.stdout
        return about, answers

    # -- proofs --

    def prove(self, key, circuit, inputs):
        """proof.json and public.json by snarkjs."""
        self.write('input.json', json.dumps(inputs).encode())
        self.snarkjs('wtns', 'calculate', '%s_js/%s.wasm' % (circuit, circuit), 'input.json', 'witness.wtns')
        self.snarkjs('groth16', 'prove', key, 'witness.wtns', 'proof.json', 'public.json')
