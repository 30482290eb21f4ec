"""The foreign judges of our Groth16 files, run as programs: snarkjs, circom, solc and an EVM.

They come from npm (docs/adr/0004). Without node or without them, tests that need them are skipped;
continuous integration must have them: tools/run-tests counts a skip for want of them as failed there.
"""
import json
import os
import re
import shutil
import subprocess
import tempfile

import sections
import tap

CONVOKE = os.path.abspath(os.path.join(os.environ.get('BUILD_DIR', 'build'), 'convoke'))
SOURCE = os.environ.get('CONVOKE_SOURCE', os.path.join(os.path.dirname(__file__), '..', '..'))
HERE = os.path.dirname(os.path.abspath(__file__))
MODULES = os.path.join(SOURCE, 'node_modules')
SNARKJS = os.path.join(MODULES, 'snarkjs', 'build', 'cli.cjs')
CIRCOM = os.path.join(MODULES, 'circom2', 'cli.js')
BEACON = bytes(range(1, 33)).hex()
TIMEOUT_S = 600

# What both programs call a curve, and circom.
CURVES = {'bn128': ('bn128', 'bn128'), 'bls12_381': ('bls12-381', 'bls12381')}

# One name for what both programs do: convoke's words, snarkjs's. {0}, {1}, ... are files that are read.
COMMANDS = {
    'ptau new': ('ptau new {curve} {0} {out}', 'powersoftau new {curve} {0} {out}'),
    'ptau contribute': ('ptau contribute {0} {out} --name {name} --entropy x',
                        'powersoftau contribute {0} {out} -n={name} -e=x'),
    'ptau beacon': ('ptau beacon {0} {out} {beacon} 10 --name {name}',
                    'powersoftau beacon {0} {out} {beacon} 10 -n={name}'),
    'ptau export': ('ptau export-challenge {0} {out}', 'powersoftau export challenge {0} {out}'),
    'ptau respond': ('ptau respond {0} {out} --entropy x',
                     'powersoftau challenge contribute {curve} {0} {out} -e=x'),
    'ptau import': ('ptau import-response {0} {1} {out} --name {name}',
                    'powersoftau import response {0} {1} {out} -n={name}'),
    'ptau prepare': ('ptau prepare {0} {out}', 'powersoftau prepare phase2 {0} {out}'),
    'ptau convert': ('ptau convert {0} {out}', 'powersoftau convert {0} {out}'),
    'ptau truncate': ('ptau truncate {0}', 'powersoftau truncate {0}'),
    'ptau verify': ('ptau verify {0}', 'powersoftau verify {0}'),
    'zkey new': ('zkey new {0} {1} {out}', 'groth16 setup {0} {1} {out}'),
    'zkey contribute': ('zkey contribute {0} {out} --name {name} --entropy x',
                        'zkey contribute {0} {out} -n={name} -e=x'),
    'zkey beacon': ('zkey beacon {0} {out} {beacon} 10 --name {name}',
                    'zkey beacon {0} {out} {beacon} 10 -n={name}'),
    'zkey export': ('zkey export {0} {out}', 'zkey export bellman {0} {out}'),
    'zkey respond': ('zkey respond {0} {out} --entropy x', 'zkey bellman contribute {curve} {0} {out} -e=x'),
    'zkey import': ('zkey import {0} {1} {out} --name {name}', 'zkey import bellman {0} {1} {out} -n={name}'),
    'zkey verify circuit': ('zkey verify {0} {1} {2}', 'zkvr {0} {1} {2}'),
    'zkey verify initial': ('zkey verify {0} {1} {2}', 'zkvi {0} {1} {2}'),
    'zkey vkey': ('zkey vkey {0} {out}', 'zkey export verificationkey {0} {out}'),
    'zkey solidity': ('zkey solidity {0} {out}', 'zkey export solidityverifier {0} {out}'),
    'groth16 verify': ('groth16 verify {0} {1} {2}', 'groth16 verify {0} {1} {2}'),
}


def need_foreign():
    if shutil.which('node') is None:
        raise tap.Skip('there is no node (nor what npm ci would bring)')
    for path in (SNARKJS, CIRCOM, os.path.join(MODULES, 'solc'), os.path.join(MODULES, '@ethereumjs', 'evm')):
        if not os.path.exists(path):
            raise tap.Skip('%s is missing: run npm ci --ignore-scripts' % os.path.relpath(path, SOURCE))


def run(words, cwd, text=None):
    return subprocess.run([str(word) for word in words], cwd=cwd, input=text, check=False,
                          stdin=subprocess.DEVNULL if text is None else None,
                          capture_output=True, text=True, errors='replace', timeout=TIMEOUT_S)


def done(result):
    """What it printed; it must have ended with 0."""
    assert result.returncode == 0, '%s: status %d\n%s%s' % (
        ' '.join(result.args[:4]), result.returncode, result.stdout, result.stderr)
    return result.stdout


def hashes(text):
    """The hashes that were printed in blocks of four lines."""
    blocks = re.findall(r'(?:^\t\t(?:[0-9a-f]{8}[ \t]*){4}\n?){4}', text, re.MULTILINE)
    return [''.join(block.split()) for block in blocks]


def told_hashes(text):
    """All hashes of a JSON object that convoke printed."""
    return set(re.findall(r'"0x([0-9a-f]{128})"', text))


class Program:
    """convoke or snarkjs, run in a directory with one curve."""

    def __init__(self, which, work, curve):
        self.which, self.work, self.curve = which, work, curve
        self.name = ('convoke', 'snarkjs')[which]
        self.words = ([CONVOKE], ['node', SNARKJS])[which]

    def run(self, *args):
        return run(self.words + list(args), self.work.dir)

    def attempt(self, command, *files, out='', name=''):
        values = {'curve': self.curve, 'beacon': BEACON, 'out': out, 'name': name}
        words = COMMANDS[command][self.which].split()
        return self.run(*(word.format(*files, **values) for word in words))

    def __call__(self, *args, **names):
        """Does one of COMMANDS, which must succeed: what was printed."""
        return done(self.attempt(*args, **names))


class Work:
    """A directory of its own in which both programs run: `ours` and `theirs`."""

    def __init__(self, curve='bn128'):
        need_foreign()
        self.dir = tempfile.mkdtemp(prefix='convoke-interop.')
        name, self.prime = CURVES[curve]
        self.both = self.ours, self.theirs = [Program(which, self, name) for which in (0, 1)]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.dir)

    # -- files --

    def path(self, name):
        return os.path.join(self.dir, name)

    def has(self, name):
        return os.path.exists(self.path(name))

    def bytes(self, name):
        return sections.read(self.path(name))

    def json(self, name):
        return json.loads(self.bytes(name))

    def write(self, name, data):
        sections.write(self.path(name), data)
        return name

    def same(self, one, other):
        """Equal to the byte, but for the bytes of a .ptau that nobody reads."""
        read = sections.masked if self.bytes(one)[:4] == b'ptau' else sections.read
        assert read(self.path(one)) == read(self.path(other)), '%s and %s differ' % (one, other)

    # -- both programs --

    def make(self, command, *files, out, name=''):
        """Lets each program make `out`: the two must be equal, and convoke print each hash that
        snarkjs prints. What convoke printed."""
        said, told = (program(command, *files, out=program.name + '.' + out, name=name)
                      for program in self.both)
        self.same('convoke.' + out, 'snarkjs.' + out)
        assert set(hashes(told)) <= set(hashes(said)), (said, told)
        os.rename(self.path('convoke.' + out), self.path(out))
        return said

    def verify(self, *command):
        """Both must find the file valid and print the same hashes in the same order: these. (Before
        those of a .ptau snarkjs prints the newest challenge, or of a truncated file what would be.)"""
        said, told = (program(*command) for program in self.both)
        for text in (said, told):
            assert text.rstrip().endswith('Ok!'), text
        said, told = hashes(said), hashes(told)
        assert said and told in (said, told[:1] + said), (said, told)
        return said

    def refuse(self, *command):
        """Both must find the file invalid."""
        for program in self.both:
            got = program.attempt(*command)
            assert got.returncode == 1, (program.name, got.returncode, got.stdout, got.stderr)

    def grow(self, kind, makers, closer):
        """Contributions to 0.KIND by each of makers, and a beacon by closer: the files in order,
        and the hashes of the contributions as their makers saw them."""
        files, printed = ['0.' + kind], []
        for maker, what in [(maker, ' contribute') for maker in makers] + [(closer, ' beacon')]:
            new = '%d.%s' % (len(files), kind)
            printed += hashes(maker(kind + what, files[-1], out=new, name='by ' + maker.name))
            files.append(new)
        return files, printed

    def exchange(self, kind, old):
        """Both write old's challenge, both respond to it, both import both responses: the two new
        files. What both make must be the same."""
        self.make(kind + ' export', old, out='challenge')
        news = []
        for responder in self.both:
            response, new = responder.name + '.response', 'of-%s.%s' % (responder.name, kind)
            printed = hashes(responder(kind + ' respond', 'challenge', out=response))
            said = self.make(kind + ' import', old, response, out=new, name='by ' + responder.name)
            assert printed[-1] in hashes(said), (printed, said)
            news.append(new)
        return news

    # -- circuits and proofs --

    def circom(self, source, prime=None):
        """Compiles a circuit of this folder, NAME.circom, to NAME.r1cs and NAME_js/NAME.wasm."""
        shutil.copy(os.path.join(HERE, source), self.dir)
        done(run(['node', CIRCOM, source, '--prime', prime or self.prime, '--r1cs', '--wasm'], self.dir))

    def prove(self, key, wasm, inputs):
        """proof.json and public.json by snarkjs."""
        self.write('input.json', json.dumps(inputs).encode())
        done(self.theirs.run('wtns', 'calculate', wasm, 'input.json', 'wtns'))
        done(self.theirs.run('groth16', 'prove', key, 'wtns', 'proof.json', 'public.json'))

    def evm(self, source, calls, runs='200'):
        """Deploys the contract of a Solidity file and calls verifyProof with each list of numbers:
        (about the contract, [{returned, valid, gas}])."""
        text = ''.join(''.join('%064x' % word for word in call) + '\n' for call in calls)
        got = done(run(['node', os.path.join(HERE, 'evm.mjs'), self.path(source), 'Groth16Verifier', runs],
                       self.dir, text))
        about, *answers = [json.loads(line) for line in got.splitlines()]
        assert len(answers) == len(calls), got
        return about, answers
