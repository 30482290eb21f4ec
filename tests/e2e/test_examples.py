"""What examples/ holds does what it says."""
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(__file__), '..', 'support'))
import tap  # noqa: E402
from ceremony import Ceremony, convoke, done  # noqa: E402
from faults import DroppingProxy  # noqa: E402
from market_mock import MockMarket  # noqa: E402

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', '..')
CONVOKE = os.path.join(os.environ['BUILD_DIR'], 'convoke')
GROTH16 = os.path.join(ROOT, 'examples', 'groth16')
CLIENT = os.path.join(ROOT, 'examples', 'client.mjs')
PROVER_CLIENT = os.path.join(ROOT, 'examples', 'client.py')
HASHING_PROVER = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'hashing_prover')


def needs_node():
    if shutil.which('node') is None:
        raise tap.Skip('no node')
    if not os.path.isdir(os.path.join(ROOT, 'node_modules', '@noble', 'curves')):
        raise tap.Skip('node_modules is older than package-lock.json: run tools/setup')


def client(url, invitation):
    needs_node()
    return subprocess.run(['node', CLIENT, url, invitation], capture_output=True, text=True,
                          check=False, timeout=120, stdin=subprocess.DEVNULL)


def receipt_of(got):
    assert got.returncode == 0, got
    return json.loads(got.stdout[got.stdout.index('{'):])


def the_client_takes_part_in_a_ceremony():
    with Ceremony() as c:
        done(c.contribute())
        invitation, identity = c.invite()
        got = client(c.url, invitation)
        with open(c.path('receipt.json'), 'w', encoding='utf-8') as f:
            json.dump(receipt_of(got), f)
        assert 'contribution 2: in the transcript' in got.stdout, got.stdout
        done(c.contribute())
        with open(c.path('transcript.json'), 'wb') as f:
            f.write(c.get('/info/current_state')[2])
        said = json.loads(done(convoke('receipt', 'verify', c.path('receipt.json'), '--transcript',
                                       c.path('transcript.json'), '--json')).stdout)
        assert (said['index'], said['identity']) == (2, identity.strip()), said
        verified = done(convoke('verify', c.path('transcript.json'))).stdout
        assert '3 contributions' in verified and '9 BLS' in verified, verified


def the_groth16_example_makes_and_verifies_a_key():
    with tempfile.TemporaryDirectory() as folder:
        got = done(subprocess.run([GROTH16 + '/run', folder], capture_output=True, text=True,
                                  check=False, env=dict(os.environ, CONVOKE=CONVOKE)))
        assert got.stdout.count('ZKey Ok!') == 2 and 'Powers of Tau Ok!' in got.stdout, got.stdout
        assert 'fork.zkey: INVALID' in got.stdout, got.stdout
        for name in ('pot8_final.ptau', 'product_final.zkey', 'verification_key.json', 'verifier.sol'):
            assert os.path.getsize(os.path.join(folder, name)) > 0, name


def the_readmes_commands_for_groth16_work():
    with open(os.path.join(ROOT, 'README.md'), encoding='utf-8') as f:
        section = f.read().split('\n## Powers of tau and keys')[1].split('\n## ')[0]
    commands = 'set -e\n' + ''.join(re.findall('```sh\n(.*?)```', section, re.DOTALL))
    with tempfile.TemporaryDirectory() as folder:
        os.symlink(os.environ['BUILD_DIR'], os.path.join(folder, 'build'))
        os.symlink(os.path.abspath(os.path.join(ROOT, 'examples')), os.path.join(folder, 'examples'))
        got = done(subprocess.run(['bash', '-c', commands], capture_output=True, text=True,
                                  check=False, cwd=folder, stdin=subprocess.DEVNULL))
        assert 'Powers of Tau Ok!' in got.stdout and 'ZKey Ok!' in got.stdout, got.stdout
        assert os.path.exists(os.path.join(folder, 'try', 'verifier.sol')), os.listdir(folder)


def the_readmes_commands_for_an_experiment_work():
    with open(os.path.join(ROOT, 'README.md'), encoding='utf-8') as f:
        section = f.read().split('\n## A prover experiment')[1].split('\n## ')[0]
    with socket.socket() as free:
        free.bind(('127.0.0.1', 0))
        at = '127.0.0.1:%d' % free.getsockname()[1]
    commands = ''.join(re.findall('```sh\n(.*?)```', section, re.DOTALL))
    commands = commands.replace('127.0.0.1:3000', at).replace('serve lab', 'serve lab --listen ' + at)
    assert at in commands, commands
    # Provers end with 4 when nothing is left to prove.
    commands = "trap 'status=$?; test $status = 4 || { kill %1; exit 9; }' ERR\n" + commands
    with tempfile.TemporaryDirectory() as folder:
        os.symlink(os.environ['BUILD_DIR'], os.path.join(folder, 'build'))
        got = done(subprocess.run(['bash', '-c', commands], capture_output=True, text=True,
                                  check=False, cwd=folder, stdin=subprocess.DEVNULL))
        assert '0 open, 10 done' in got.stdout, got.stdout
        assert 'which are the example proof' in got.stdout and ': valid: ' in got.stdout, got.stdout
        for name in ('report.html', 'submissions.csv'):
            assert os.path.getsize(os.path.join(folder, 'lab-try', name)) > 0, name


def the_examples_circuit_is_what_circom_makes_of_its_source():
    compiler = os.path.join(ROOT, 'node_modules', '.bin', 'circom2')
    if shutil.which('node') is None or not os.path.exists(compiler):
        raise tap.Skip('no circom2 in node_modules: run tools/setup --test')
    with tempfile.TemporaryDirectory() as folder:
        shutil.copy(os.path.join(GROTH16, 'product.circom'), folder)
        done(subprocess.run([os.path.abspath(compiler), 'product.circom', '--r1cs'], cwd=folder,
                            capture_output=True, text=True, check=False))
        with open(os.path.join(folder, 'product.r1cs'), 'rb') as made, \
                open(os.path.join(GROTH16, 'product.r1cs'), 'rb') as kept:
            assert made.read() == kept.read()


def the_client_waits_for_its_turn():
    needs_node()
    with Ceremony('park_s=1') as c:
        first = c.person()
        done(convoke('contribute', c.url, '--offline', 'request', *first))
        waiting = subprocess.Popen(['node', CLIENT, c.url, c.invite()[0]], stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, text=True)
        for line in waiting.stdout:
            if 'signed in' in line:
                break
        done(convoke('contribute', '--offline', 'abort', *first[2:]))
        said, errors = waiting.communicate(timeout=120)
        assert waiting.returncode == 0 and 'contribution 1: in' in said, (said, errors)


def the_client_asks_again_when_answers_are_lost():
    with Ceremony() as c:
        for start in (b'GET /auth/callback', b'POST /lobby', b'POST /contribute '):
            with DroppingProxy(c.port, start, times=1) as proxy:
                got = client(proxy.url, c.invite()[0])
            assert proxy.dropped == 1, (start, proxy.dropped)
            receipt_of(got)
        done(convoke('verify', c.url))


def the_client_says_why_it_may_not():
    with Ceremony() as c:
        invitation, _ = c.invite()
        receipt_of(client(c.url, invitation))
        again = client(c.url, invitation)
        assert again.returncode != 0 and 'UserAlreadyContributed' in again.stderr, again
        assert 'usage' in client(c.url, 'please').stderr


# ---- client.py: a prover's ----

def prove_once(folder, url, participant='alice', *args, **env):
    if shutil.which('curl') is None:
        raise tap.Skip('no curl')
    return subprocess.run([sys.executable, PROVER_CLIENT, participant, url, *args], capture_output=True,
                          text=True, check=False, timeout=120, cwd=folder, stdin=subprocess.DEVNULL,
                          env={**os.environ, 'PROVER': HASHING_PROVER, **env})


def the_prover_client_proves_batch_after_batch():
    with tempfile.TemporaryDirectory() as folder, MockMarket([b'one', b'two']) as m:
        first = done(prove_once(folder, m.url))
        assert first.stdout.endswith('proof submitted successfully\n'), first.stdout
        done(prove_once(folder, m.url + '/', 'alice', '--deployment', '3.10', '--acceleration', 'GPU'))
        finished = prove_once(folder, m.url)
        assert (finished.returncode, finished.stderr) == (
            4, 'Batch request failed (HTTP status 429): no more batches left to prove\n'), finished
        assert os.listdir(folder) == []
        one, two = m.submissions
        assert (two['deployment_version'], two['acceleration']) == ('3.10', 'GPU'), two
        assert 1 <= one['proving_time'] < 60000 and one['price'] > one['cost'] > 0, one


def the_prover_client_says_by_its_status_what_happened():
    with tempfile.TemporaryDirectory() as folder, MockMarket([b'one']) as m:
        assert prove_once(folder, m.url, 'mallory').returncode == 3
        assert prove_once(folder, m.url, PROVER='false').returncode == 6
        refused = prove_once(folder, m.url, PROVER='')
        assert refused.returncode == 5 and 'invalid proof' in refused.stdout, refused
        assert subprocess.run([sys.executable, PROVER_CLIENT], capture_output=True,
                              check=False).returncode == 2
        m.faults.append(('GET /get_batch', (301, 'elsewhere')))
        assert prove_once(folder, m.url).returncode == 8
        assert m.submissions == []


def the_prover_client_proves_once_whatever_is_lost():
    with tempfile.TemporaryDirectory() as folder, MockMarket([b'one']) as m:
        m.faults += [('GET /get_batch', 'reset'), ('GET /static', (503, 'busy')),
                     ('POST /submit_proof', (503, 'busy')), ('POST /submit_proof', 'lost')]
        done(prove_once(folder, m.url))
        assert len(m.submissions) == 1 and m.faults == [], (m.submissions, m.faults)


def a_proof_that_the_prover_client_could_not_hand_in_is_handed_in_by_the_next_run():
    with tempfile.TemporaryDirectory() as folder, MockMarket([b'one']) as m:
        m.faults.append(('POST /submit_proof', (404, 'not found')))
        assert prove_once(folder, m.url).returncode == 8
        done(prove_once(folder, m.url, PROVER='false'))
        assert len(m.submissions) == 1 and os.listdir(folder) == []


tap.main(
    the_prover_client_proves_batch_after_batch,
    the_prover_client_says_by_its_status_what_happened,
    the_prover_client_proves_once_whatever_is_lost,
    a_proof_that_the_prover_client_could_not_hand_in_is_handed_in_by_the_next_run,
    the_groth16_example_makes_and_verifies_a_key,
    the_readmes_commands_for_groth16_work,
    the_readmes_commands_for_an_experiment_work,
    the_examples_circuit_is_what_circom_makes_of_its_source,
    the_client_takes_part_in_a_ceremony,
    the_client_waits_for_its_turn,
    the_client_asks_again_when_answers_are_lost,
    the_client_says_why_it_may_not,
)
