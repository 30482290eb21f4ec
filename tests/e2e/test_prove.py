"""convoke prove against a server that misbehaves, killed at every stage."""
import hashlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), '..', 'support'))
import tap  # noqa: E402
from ceremony import CONVOKE, convoke, done, has_ended, json_lines  # noqa: E402
from market import Market  # noqa: E402
from market_mock import MockMarket, proof_of  # noqa: E402

HERE = os.path.dirname(os.path.abspath(__file__))
PROVER = os.path.join(HERE, 'hashing_prover')
TERMS = ('--cost', '5.16', '--price', '6.2')
OK, UNUSABLE, STRANGER, FINISHED, REFUSED, PROVER_FAILED, NETWORK, SERVER = 0, 2, 3, 4, 5, 6, 7, 8
WAIT_S = 60


def read_pid(path):
    with open(path, encoding='ascii') as f:
        return int(f.read())


def wait_for(what):
    end = time.monotonic() + WAIT_S
    while not what():
        assert time.monotonic() < end, 'it does not happen'
        time.sleep(0.01)


class Place:
    """A directory to work in, and a server."""

    def __init__(self, *batches, participants=('alice',)):
        self.folder = tempfile.TemporaryDirectory(prefix='convoke-prove.')
        self.market = MockMarket(batches, *participants)

    def __enter__(self):
        self.market.__enter__()
        return self

    def __exit__(self, *_):
        self.market.__exit__()
        self.folder.cleanup()

    def path(self, *names):
        return os.path.join(self.folder.name, *names)

    def words(self, *args, prover=PROVER, who='alice', terms=TERMS, url=None):
        return ['prove', url or self.market.url, '--id', who, '--prover', prover, '--dir', self.path('work'),
                '--patience', '20', *terms, *args]

    def prove(self, *args, env=None, **more):
        return convoke(*self.words(*args, **more), env=env)

    def script(self, text):
        path = self.path('prover.sh')
        with open(path, 'w', encoding='utf-8') as f:
            f.write('#!/bin/sh\n' + text)
        os.chmod(path, 0o755)
        return path

    def start(self, *args, stdout=subprocess.DEVNULL, **more):
        """The same, not waited for; in a session of its own."""
        return subprocess.Popen([CONVOKE, *self.words(*args, **more)], stdin=subprocess.DEVNULL, stdout=stdout,
                                stderr=subprocess.DEVNULL, text=True, start_new_session=True)

    def proving(self):
        """The same, in the midst of a proof: the process, and the pids of its prover and of what that started."""
        prover, child = self.path('prover'), self.path('child')
        process = self.start(prover=self.script(
            'echo half a; sleep 600 & echo $! > %s; echo $$ > %s; wait\n' % (child, prover)))
        wait_for(lambda: os.path.exists(prover) and os.path.getsize(prover))
        pids = [read_pid(prover), read_pid(child)]
        assert not any(has_ended(pid) for pid in pids)
        return process, pids

    def killed(self, fault, *args, **more):
        """Starts, and kills it where the server hangs."""
        self.market.hung.clear()
        self.market.faults.append(fault)
        process = self.start(*args, **more)
        assert self.market.hung.wait(WAIT_S), 'it never asked'
        process.send_signal(signal.SIGKILL)
        process.wait()

    def left(self):
        return sorted(os.listdir(self.path('work')))


def asked(market, start):
    return [fields for method, path, fields in market.asked if ('%s %s' % (method, path)).startswith(start)]


# ---- all is well ----

def a_loop_proves_all_there_is_and_ends_with_4():
    with Place(b'one', b'two', b'x' * 300000) as p:
        got = p.prove('--loop', '--deployment', '3.10', '--acceleration', 'GPU', '--json')
        assert got.returncode == FINISHED, got
        lines = json_lines(got)
        assert [line['result'] for line in lines] == ['accepted'] * 3 + ['finished'], lines
        assert [line.get('request_id') for line in lines] == [1, 2, 3, None], lines
        assert (lines[0]['cost'], lines[0]['price']) == (5.16, 6.2), lines
        for s in p.market.submissions:
            assert set(s) == {'request_id', 'proof_data', 'proving_time', 'cost', 'price',
                              'deployment_version', 'acceleration'}, s
            assert (s['cost'], s['price'], s['deployment_version'], s['acceleration']) == (
                5.16, 6.2, '3.10', 'GPU'), s
            assert 1 <= s['proving_time'] < 60000, s
        assert p.left() == ['lock'], p.left()


def once_proves_one():
    with Place(b'one', b'two') as p:
        got = done(p.prove())
        assert got.stdout.startswith('request 1: accepted: ') and 'price 6.2 cents' in got.stdout, got
        assert len(p.market.submissions) == 1


def a_cost_follows_from_the_time_and_a_price_from_the_cost():
    with Place(b'one', b'two') as p:
        slow = p.script('echo "{\\"proving_time\\": 1800000}" > "$PM_META"; exec %s "$1"' % PROVER)
        done(p.prove(prover=slow, terms=('--usd-per-hour', '2.50', '--margin', '20')))
        asks = p.script('test "$PM_REQUEST" = 2 && test "$PM_PROVING_MS" -ge 1 && test -s "$1" && echo 0.0516')
        done(p.prove(terms=('--cost-cmd', asks, '--margin', '0.5')))
        first, second = p.market.submissions
        assert (first['proving_time'], first['cost'], first['price']) == (1800000, 125, 150), first
        assert (second['cost'], second['price']) == (0.0516, 0.051858), second


def what_the_prover_says_of_itself_counts_before_the_options():
    says = {'proving_time': 71345, 'cost': 0.07, 'price': 0.08, 'deployment_version': 2,
            'acceleration': 'ASIC', 'queue_len': 2, 'host': {'cores': [1, 2]}}
    with Place(b'one') as p:
        done(p.prove(prover=p.script("echo '%s' > \"$PM_META\"; exec %s \"$1\"" % (json.dumps(says), PROVER))))
        submission = p.market.submissions[0]
        assert {k: v for k, v in submission.items() if k not in ('request_id', 'proof_data')} == says


def a_script_of_the_original_client_is_given_the_address():
    with Place(b'one') as p:
        words = p.words()
        words[words.index('--prover'):words.index('--prover') + 2] = [
            '--prover-url', 'f() { case "$1" in http://*/static/*/*) printf %s; esac; }; f' %
            proof_of(b'one').decode()]
        done(convoke(*words))
        assert asked(p.market, 'GET /static') == [] and len(p.market.submissions) == 1


def a_cost_command_knows_the_request_of_a_kept_proof_and_has_no_file_where_convoke_has_none():
    with Place(b'one', b'two') as p:
        got = p.prove(terms=('--price', '3'))
        assert got.returncode == UNUSABLE and 'no --cost, --cost-cmd or --usd-per-hour' in got.stderr, got
        asks = p.script('test "$PM_REQUEST" = 1 && test -s "$1" && echo 2')
        got = done(p.prove(prover='false', terms=('--cost-cmd', asks, '--price', '3')))
        assert 'the prover does not run again' in got.stderr, got
        asks = p.script('test "$PM_REQUEST" = 2 && test $# = 0 && echo 2')
        words = p.words(terms=('--cost-cmd', asks, '--price', '3'))
        words[words.index('--prover'):words.index('--prover') + 2] = [
            '--prover-url', 'printf %s #' % proof_of(b'two').decode()]
        done(convoke(*words))
        assert [s['cost'] for s in p.market.submissions] == [2, 2]


def it_waits_for_batches_that_come_later():
    with Place(b'one') as p:
        process = p.start('--loop', '--wait', '1', stdout=subprocess.PIPE)
        assert process.stdout.readline().startswith('request 1: accepted')
        with p.market.lock:
            p.market.batches.append(b'two')
        assert process.stdout.readline().startswith('request 2: accepted')
        process.terminate()
        process.wait(WAIT_S)
        process.stdout.close()


# ---- before it begins ----

def smoke_tries_server_and_prover_without_an_id():
    with Place() as p:
        words = ('prove', 'smoke', p.market.url, '--dir', p.path('smoke'))
        got = done(convoke(*words, '--prover', PROVER))
        assert 'one of an experiment' in got.stdout and 'which are the example proof' in got.stdout, got
        got = done(convoke(*words, '--prover', 'echo other #'))
        assert 'other bytes than the example proof' in got.stdout, got
        assert convoke(*words, '--prover', 'false').returncode == PROVER_FAILED
        assert convoke(*words, '--prover', 'true').returncode == PROVER_FAILED
        p.market.faults.append(('GET /static/example-batch.bin', (404, 'not found')))
        got = convoke(*words)
        assert got.returncode == SERVER and 'published no example (market batch example)' in got.stderr, got
        p.market.faults.append(('GET /get_batch', (200, 'hello')))
        assert convoke(*words).returncode == SERVER
        assert p.market.requests == [] and p.market.submissions == []


def generated_batches_are_proved_by_the_reference_prover():
    with Place() as p:
        setup = p.path('setup.json')
        for folder in ('a', 'b'):  # the first makes the setup
            done(convoke('market', 'batch', 'generate', p.path(folder), '--setup', setup, '--powers', 16,
                         '--count', 3, '--seed', 9))
        assert os.listdir(p.path('a')) == os.listdir(p.path('b')) and len(os.listdir(p.path('a'))) == 6
        for name in sorted(os.listdir(p.path('a'))):
            with open(p.path('a', name), 'rb') as f, open(p.path('b', name), 'rb') as g:
                data = f.read()
                assert data == g.read(), name
            if name.endswith('.batch'):
                with open(p.path('a', name.replace('.batch', '.json')), encoding='utf-8') as f:
                    manifest = json.load(f)
                assert manifest['sha256'] == hashlib.sha256(data).hexdigest(), manifest
                assert manifest['size'] == len(data) == 32 * manifest['covariates']['n_coefficients']
                p.market.batches.append(data)
        got = p.prove(prover='%s market reference-prover --setup %s' % (CONVOKE, setup))
        assert got.returncode == REFUSED, got  # by this server, to which a proof is a hash
        assert os.path.getsize(p.path('work', 'refused-1.proof')) == 80
        got = convoke('market', 'batch', 'generate', p.path('a'), '--setup', setup)
        assert got.returncode == UNUSABLE and 'not empty' in got.stderr, got


# ---- what goes wrong, and the exit code of it ----

def each_end_has_an_exit_code():
    with Place(b'one') as p:
        assert p.prove(who='mallory').returncode == STRANGER
        assert p.prove(prover='false').returncode == PROVER_FAILED
        assert p.prove(prover='true').returncode == PROVER_FAILED, 'no proof'
        assert p.prove(prover='kill -9 $$').returncode == PROVER_FAILED
        assert [n for n, _ in p.market.failures] == [1, 1, 1], p.market.failures
        assert p.market.failures[0][1].endswith('it ended with status 1'), p.market.failures
        got = p.prove('--patience', '2', '--dir', p.path('elsewhere'), url='http://127.0.0.1:1')
        assert got.returncode == NETWORK, got
        p.market.faults.append(('GET /get_batch', (404, 'nothing of that kind')))
        got = p.prove()
        assert got.returncode == SERVER and 'nothing of that kind' in got.stderr, got
        for bad in (('--cost', '-1'), ('--cost', '1', '--usd-per-hour', '2'), ('--price', '1e'),
                    ('--loop', '--once')):
            assert p.prove(terms=bad).returncode == UNUSABLE, bad
        assert p.market.submissions == []


def a_proof_that_is_refused_is_kept_and_not_sent_twice():
    with Place(b'one') as p:
        got = p.prove('--loop', prover='echo nonsense #')
        assert got.returncode == REFUSED and 'request 1: invalid proof' in got.stderr, got
        assert p.market.refused == 1 and p.left() == ['lock', 'refused-1.json', 'refused-1.proof'], p.left()
        done(p.prove())


def a_request_that_is_over_makes_a_loop_go_on_with_the_next():
    with Place(b'one', b'two') as p:
        p.market.faults.append(('POST /submit_proof', (422, 'request 1 does not exist')))
        got = p.prove('--loop', '--json')
        assert [line['result'] for line in json_lines(got)] == ['refused', 'accepted', 'accepted',
                                                               'finished'], got


def without_a_cost_the_proof_is_kept_until_there_is_one():
    with Place(b'one') as p:
        got = p.prove(terms=('--price', '3'))
        assert got.returncode == UNUSABLE and '--cost' in got.stderr, got
        done(p.prove(prover='false'))


def no_429_loses_a_proof_and_only_the_experiments_own_ends_it():
    with Place(b'one') as p:
        assert p.prove(terms=('--price', '3')).returncode == UNUSABLE
        p.market.faults.append(('GET /get_batch', (429, 'no more batches left to prove')))
        assert p.prove(prover='false').returncode == FINISHED
        p.market.faults.append(('GET /get_batch', (429, '<html>Too Many Requests</html>')))
        done(p.prove(prover='false'))
        assert p.market.faults == [] and len(p.market.submissions) == 1


def a_page_that_is_no_answer_of_an_experiment_is_no_acceptance():
    with Place(b'one') as p:
        p.market.faults.append(('POST /submit_proof', (200, '<html>please sign in</html>')))
        got = p.prove()
        assert got.returncode == SERVER and 'please sign in' in got.stderr, got
        done(p.prove(prover='false'))
        assert len(p.market.submissions) == 1


def a_proof_that_another_request_overtook_is_put_aside():
    with Place(b'one', b'two') as p:
        assert p.prove(terms=('--price', '3')).returncode == UNUSABLE
        p.market.participants['alice'][1] = True  # the operator's doing
        got = done(p.prove())
        assert 'refused-1.proof' in got.stderr, got
        assert p.left() == ['lock', 'refused-1.proof'], p.left()
        with open(p.path('work', 'refused-1.proof'), 'rb') as f:
            assert f.read() == proof_of(b'one')


def what_the_prover_says_and_cannot_be_is_told_and_the_proof_is_kept():
    for says in ("echo '{\"cost\": -1}'", 'yes no | head -c 16385'):
        with Place(b'one') as p:
            got = p.prove(prover=p.script(says + ' > "$PM_META"; exec %s "$1"' % PROVER))
            assert got.returncode == UNUSABLE and 'said.json' in got.stderr, got
            assert 'the proof is kept' in got.stderr, got
            os.remove(p.path('work', 'said.json'))
            done(p.prove(prover='false'))


def the_work_of_another_id_is_left_alone():
    with Place(b'one', participants=('alice', 'bob')) as p:
        p.killed(('POST /submit_proof', 'hang'))
        got = p.prove(who='bob')
        assert got.returncode == UNUSABLE and 'another server or id' in got.stderr, got
        done(p.prove(prover='false'))


def two_processes_do_not_work_in_one_directory():
    with Place(b'one') as p:
        first, _ = p.proving()
        try:
            got = p.prove()
            assert got.returncode == UNUSABLE and 'another process' in got.stderr, got
        finally:
            first.kill()
            first.wait()


def the_id_is_told_to_nobody():
    secret = 'QpZ9x_secret-1'
    with Place(b'one', participants=('alice', secret)) as p:
        shows = p.script('env >&2; exec %s "$1"' % PROVER)
        got = p.prove(who='alice', prover=shows, env={'CONVOKE_PROVER_ID': secret})
        done(got)
        assert secret not in got.stdout + got.stderr, got
        words = [w for w in p.words(prover=shows) if w not in ('--id', 'alice')]
        got = done(convoke(*words, env={'CONVOKE_PROVER_ID': secret}))
        assert secret not in got.stdout + got.stderr, got
        p.market.batches.append(b'two')
        with open(p.path('id'), 'w', encoding='ascii') as f:
            f.write(secret + '\n')
        done(convoke(*words, '--id-file', p.path('id')))
        del p.market.participants[secret]
        got = convoke(*words, '--id-file', p.path('id'))
        assert got.returncode == STRANGER and secret not in got.stdout + got.stderr, got
        for folder, _, names in os.walk(p.path('work')):
            for name in names:
                with open(os.path.join(folder, name), 'rb') as f:
                    assert secret.encode() not in f.read(), name


# ---- a network that fails ----

def whatever_is_lost_comes_to_one_submission():
    with Place(b'b' * 100000) as p:
        p.market.faults += [
            ('GET /get_batch', 'reset'), ('GET /get_batch', 'lost'), ('GET /get_batch', (503, 'busy')),
            ('GET /static', (500, 'oh')), ('GET /static', ('cut', 30000)), ('GET /static', 'reset'),
            ('POST /submit_proof', (503, 'busy')), ('POST /submit_proof', 'reset'), ('POST /submit_proof', 'lost')]
        done(p.prove('--patience', '60'))
        assert p.market.faults == [] and len(p.market.submissions) == 1
        assert [f.get('Range') for f in asked(p.market, 'GET /static')] == [
            None, None, 'bytes=30000-', 'bytes=30000-'], p.market.asked


# ---- killed ----

def killed_while_it_asks_it_asks_again():
    with Place(b'one') as p:
        p.killed(('GET /get_batch', ('hang', None)))
        done(p.prove())
        assert [s['request_id'] for s in p.market.submissions] == [1]


def killed_in_a_download_it_goes_on_there():
    with Place(hashlib.sha256(b'x').digest() * 20000) as p:
        p.killed(('GET /static', ('hang', 500000)))
        have = os.path.getsize(p.path('work', 'batch.part'))
        done(p.prove())
        ranges = [f.get('Range') for f in asked(p.market, 'GET /static')]
        assert ranges == [None, 'bytes=%d-' % have if have else None], (ranges, have)


def killed_while_it_proves_it_proves_again():
    with Place(b'one') as p:
        process, _ = p.proving()
        process.kill()
        process.wait()
        assert p.market.submissions == []
        done(p.prove())
        assert len(asked(p.market, 'GET /static')) == 1, 'the batch is there'


def killed_while_it_proves_its_prover_and_what_that_started_end_too():
    for how in (signal.SIGKILL, signal.SIGTERM, signal.SIGINT):
        with Place(b'one') as p:
            process, pids = p.proving()
            if how == signal.SIGINT:
                os.killpg(process.pid, how)  # Ctrl-C at a terminal
            else:
                process.send_signal(how)
            assert process.wait() == -how
            wait_for(lambda: all(has_ended(pid) for pid in pids))


def minder_of(pid):
    with open('/proc/%d/task/%d/children' % (pid, pid), encoding='ascii') as f:
        minder, = map(int, f.read().split())
        return minder


def a_prover_whose_minder_alone_is_killed_ends_before_its_failure_is_told():
    with Place(b'one') as p:
        process, pids = p.proving()
        os.kill(minder_of(process.pid), signal.SIGKILL)
        assert process.wait() == PROVER_FAILED
        wait_for(lambda: all(has_ended(pid) for pid in pids))


def what_a_prover_leaves_behind_goes_on():
    with Place(b'one') as p:
        left = p.script('sleep 600 > /dev/null 2>&1 & echo $! > %s; exec %s "$1"\n' % (p.path('left'), PROVER))
        done(p.prove(prover=left))
        pid = read_pid(p.path('left'))
        assert not has_ended(pid)
        os.kill(pid, signal.SIGKILL)


def killed_before_its_proof_arrived_it_sends_the_same_again():
    with Place(b'one') as p:
        p.killed(('POST /submit_proof', 'hang'))
        assert p.market.submissions == []
        got = done(p.prove('--json', prover='false'))
        assert json_lines(got)[0]['cost'] == 5.16, got
        assert len(p.market.submissions) == 1 and len(asked(p.market, 'GET /get_batch')) == 1


def killed_before_the_answer_came_it_hears_it_again():
    with Place(b'one') as p:
        p.killed(('POST /submit_proof', ('hang', None)))
        assert len(p.market.submissions) == 1
        done(p.prove(prover='false'))
        assert len(p.market.submissions) == 1 and p.left() == ['lock'], p.left()


def killed_at_any_moment_every_batch_is_counted_once():
    """A run takes some 30 ms: kills fall into every part of it."""
    batches = [b'%d' % i * 5000 for i in range(4)]
    with Place(*batches) as p:
        for i in range(60):
            process = p.start('--loop')
            try:
                status = process.wait(0.004 + 0.0015 * i)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
                continue
            if status == FINISHED:
                break
            assert status == OK, status
        assert p.prove('--loop').returncode == FINISHED
        assert [s['request_id'] for s in p.market.submissions] == [1, 2, 3, 4], p.market.submissions


# ---- convoke's own server ----

def words_for(m, *args):
    return ['prove', m.url, '--id', 'alice', '--prover', PROVER, '--dir', m.path('work'), '--patience', '60',
            *TERMS, *args]


FLAGGED = 'select count(*) from submission where flags != 0'


def a_server_of_ours_takes_what_it_proves_and_flags_nothing():
    with Market(ids=('alice',), batches=3) as m:
        got = convoke(*words_for(m, '--loop', '--deployment', '3.10'))
        assert got.returncode == FINISHED, got
        assert m.rows('select count(*) from submission') == [(3,)]
        assert m.rows(FLAGGED) == [(0,)]
        assert convoke('prove', m.url, '--id', 'mallory', *words_for(m)[4:]).returncode == STRANGER


def one_prover_proves_generated_batches_of_both_kinds():
    with Market(ids=('alice',), batches=0, serving=False) as m:
        setups = []
        for kind, size, first in (('kzg-opening', '--powers', 1), ('groth16', '--constraints', 3)):
            setups.append(m.path(kind + '.setup'))
            done(convoke('market', 'batch', 'generate', m.path(kind), '--kind', kind, size, 16, '--setup',
                         setups[-1], '--count', 2, '--first', first))
            done(convoke('market', 'batch', 'import', m.dir, m.path(kind)))
        m.start()
        prover = '%s market reference-prover --setup %s --setup %s' % (CONVOKE, *setups)
        words = ['prove', m.url, '--id', 'alice', '--dir', m.path('work'), *TERMS, '--prover']
        assert convoke(*words, prover, '--loop').returncode == FINISHED
        sizes = [n for n, in m.rows('select proof_n from submission order by request')]
        assert len(sizes) == 4 and sizes[:2] == [80, 80] and min(sizes[2:]) > 80, sizes
        assert m.rows("select count(*) from attempt where verdict != 'valid'") == [(0,)]
        m.stop()
        done(convoke('market', 'verify', m.dir))


def a_groth16_proof_of_another_batch_is_refused():
    with Market(ids=('alice',), batches=0, serving=False) as m:
        setup = m.path('key.zkey')
        done(convoke('market', 'batch', 'generate', m.path('made'), '--kind', 'groth16', '--constraints', 16,
                     '--setup', setup, '--count', 2))
        done(convoke('market', 'batch', 'import', m.dir, m.path('made')))
        m.start()
        other = '%s market reference-prover --setup %s %s #' % (CONVOKE, setup, m.path('made', '0002.batch'))
        got = convoke('prove', m.url, '--id', 'alice', '--dir', m.path('work'), *TERMS, '--prover', other)
        assert got.returncode == REFUSED, got
        assert m.rows('select verdict from attempt') == [('invalid',)]


def what_does_not_fit_together_is_told():
    with Place() as p:
        key, setup, batch = p.path('key.zkey'), p.path('setup.json'), p.path('a', '0001.batch')
        words = ('market', 'batch', 'generate')
        done(convoke(*words, p.path('a'), '--kind', 'groth16', '--setup', key, '--constraints', 16))
        done(convoke(*words, p.path('b'), '--setup', setup, '--powers', 16))
        for refused, told in (
                (('market', 'reference-prover', batch, '--setup', setup), 'is of kind groth16'),
                (('market', 'reference-prover', p.path('b', '0001.batch'), '--setup', key),
                 'is of kind kzg-opening'),
                (('market', 'reference-prover', batch), 'which setup?'),
                (('market', 'reference-prover', batch, '--setup', key, '--rounds', '0'), '--rounds is at least 1'),
                ((*words, p.path('c'), '--setup', key), 'key.zkey is no setup of kind kzg-opening'),
                ((*words, p.path('c'), '--kind', 'groth16', '--setup', setup),
                 'setup.json is no setup of kind groth16'),
                ((*words, p.path('c'), '--kind', 'stark', '--setup', key), "no kind 'stark'"),
                ((*words, p.path('c'), '--kind', 'groth16', '--setup', key, '--powers', '16'),
                 '--powers is for --kind kzg-opening'),
                ((*words, p.path('c'), '--setup', p.path('d'), '--curve', 'bn254'), 'bls12_381'),
                ((*words, p.path('c'), '--kind', 'groth16', '--setup', key, '--size', '9'), '--size'),
                ((*words, p.path('c'), '--setup', setup, '--circuit', p.path('e')), 'no circuit')):
            got = convoke(*refused)
            assert got.returncode == UNUSABLE and told in got.stderr, (refused, got)
        assert sorted(os.listdir(p.path())) == ['a', 'b', 'key.zkey', 'setup.json']


def a_server_that_is_killed_and_comes_back_is_waited_for():
    with Market(ids=('alice',), batches=4) as m:
        with subprocess.Popen([CONVOKE, *words_for(m, '--loop')], stdout=subprocess.PIPE,
                              stderr=subprocess.DEVNULL, text=True) as prover:
            assert prover.stdout.readline().startswith('request 1: accepted')
            m.stop(signal.SIGKILL)
            m.start()
            prover.communicate(timeout=2 * WAIT_S)
        assert prover.returncode == FINISHED
        assert m.rows('select count(*) from submission') == [(4,)]


def the_clients_of_examples_are_served_too():
    client = os.path.join(HERE, '..', '..', 'examples', 'client.py')
    with Market(ids=('alice',), batches=1) as m:
        words = [sys.executable, client, 'alice', m.url]
        run = {'capture_output': True, 'text': True, 'check': False, 'cwd': m.root,
               'env': {**os.environ, 'PROVER': PROVER}}
        done(subprocess.run(words, **run))
        assert subprocess.run(words, **run).returncode == FINISHED
        assert m.rows('select count(*) from submission') == [(1,)] and m.rows(FLAGGED) == [(0,)]


def the_client_of_examples_believes_no_other_page():
    client = os.path.join(HERE, '..', '..', 'examples', 'client.py')
    with Place(b'one') as p:
        words = [sys.executable, client, 'alice', p.market.url, '--cost', '1', '--price', '2']
        run = {'capture_output': True, 'text': True, 'check': False, 'cwd': p.path(),
               'env': {**os.environ, 'PROVER': PROVER}}
        p.market.faults.append(('POST /submit_proof', (200, '<html>')))
        assert subprocess.run(words, **run).returncode == SERVER
        p.market.faults.append(('GET /get_batch', (429, '<html>')))
        assert subprocess.run([*words, '--prover', 'false'], **run).returncode == SERVER
        done(subprocess.run([*words, '--prover', 'false'], **run))
        assert len(p.market.submissions) == 1


tap.main(
    a_loop_proves_all_there_is_and_ends_with_4,
    once_proves_one,
    a_cost_follows_from_the_time_and_a_price_from_the_cost,
    what_the_prover_says_of_itself_counts_before_the_options,
    a_script_of_the_original_client_is_given_the_address,
    a_cost_command_knows_the_request_of_a_kept_proof_and_has_no_file_where_convoke_has_none,
    it_waits_for_batches_that_come_later,
    smoke_tries_server_and_prover_without_an_id,
    generated_batches_are_proved_by_the_reference_prover,
    each_end_has_an_exit_code,
    a_proof_that_is_refused_is_kept_and_not_sent_twice,
    a_request_that_is_over_makes_a_loop_go_on_with_the_next,
    without_a_cost_the_proof_is_kept_until_there_is_one,
    no_429_loses_a_proof_and_only_the_experiments_own_ends_it,
    a_page_that_is_no_answer_of_an_experiment_is_no_acceptance,
    a_proof_that_another_request_overtook_is_put_aside,
    what_the_prover_says_and_cannot_be_is_told_and_the_proof_is_kept,
    the_work_of_another_id_is_left_alone,
    two_processes_do_not_work_in_one_directory,
    the_id_is_told_to_nobody,
    whatever_is_lost_comes_to_one_submission,
    killed_while_it_asks_it_asks_again,
    killed_in_a_download_it_goes_on_there,
    killed_while_it_proves_it_proves_again,
    killed_while_it_proves_its_prover_and_what_that_started_end_too,
    a_prover_whose_minder_alone_is_killed_ends_before_its_failure_is_told,
    what_a_prover_leaves_behind_goes_on,
    killed_before_its_proof_arrived_it_sends_the_same_again,
    killed_before_the_answer_came_it_hears_it_again,
    killed_at_any_moment_every_batch_is_counted_once,
    a_server_of_ours_takes_what_it_proves_and_flags_nothing,
    one_prover_proves_generated_batches_of_both_kinds,
    a_groth16_proof_of_another_batch_is_refused,
    what_does_not_fit_together_is_told,
    a_server_that_is_killed_and_comes_back_is_waited_for,
    the_clients_of_examples_are_served_too,
    the_client_of_examples_believes_no_other_page,
)
