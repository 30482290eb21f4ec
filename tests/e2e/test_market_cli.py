"""The operator's commands about an experiment: convoke market ..."""
import contextlib
import csv
import hashlib
import io
import json
import os
import shutil
import sqlite3
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(__file__), '..', 'support'))
import tap  # noqa: E402
from ceremony import convoke, done, json_lines  # noqa: E402
from http_probe import until  # noqa: E402
from market import ACCEPTED, INVALID, Market, proof_of, submission  # noqa: E402

HEADER = ('request_id,participant,batch,batch_name,seq,issued_ms,first_get_ms,received_ms,observed_ms,'
          'proving_time_ms,cost_cents,price_cents,margin_cents,deployment,deployment_type,acceleration,'
          'attempts,flags')


class Experiment:
    """`with Experiment() as m:` a directory with an experiment."""

    def __init__(self, *options):
        self.root = tempfile.mkdtemp(prefix='convoke-market.')
        self.dir = os.path.join(self.root, 'server')
        done(convoke('init', self.dir))
        done(convoke('market', 'new', self.dir, '--dev', '--order', 'sequential', *options))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.root)

    def run(self, command, *args):
        return convoke('market', *command.split(), self.dir, *args)

    def done(self, command, *args):
        return done(self.run(command, *args))

    def rows(self, command, *args):
        return json_lines(self.done(command, *args, '--json'))

    def batches(self, name, **files):
        """A directory of files: bytes, or objects that become JSON. _ in a name stands for its dot."""
        path = os.path.join(self.root, name)
        os.makedirs(path, exist_ok=True)
        for file, contents in files.items():
            data = contents if isinstance(contents, bytes) else json.dumps(contents).encode()
            with open(os.path.join(path, file.replace('_', '.')), 'wb') as f:
                f.write(data)
        return path

    def imported(self, n=3):
        files = {'b%d_batch' % i: b'batch %d\n' % i for i in range(1, n + 1)}
        self.done('batch import', self.batches('src', **files), '--verifier', 'sha256')
        return self

    def sql(self, statement):
        with contextlib.closing(sqlite3.connect(os.path.join(self.dir, 'convoke.db'))) as db, db:
            db.execute(statement)


def refused(result, *parts):
    assert result.returncode == 2 and result.stdout == '', result
    last = result.stderr.splitlines()[-1]
    for part in parts:
        assert part in last, (part, last)


def rules_are_what_was_said_and_have_a_hash():
    with Experiment('--seed', '7', '--open', '2', '--ttl', '60', '--group', 'low=12.5', '--group', 'free') as m:
        status = json.loads(m.done('status', '--json').stdout)
        assert status['order'] == 'sequential' and status['seed'] == 7, status
        assert status['open_max'] == 2 and status['request_ttl_ms'] == 60000, status
        assert status['groups'] == [{'name': 'low', 'posted_price_cents': 12.5, 'participants': 0},
                                    {'name': 'free', 'posted_price_cents': None, 'participants': 0}], status
        assert len(status['rules_hash']) == 64 and status['rules_hash'] in m.done('status').stdout
        other = done(convoke('market', 'new', m.dir, '--name', 'other', '--seed', '8')).stdout
        assert status['rules_hash'] not in other
        refused(m.run('status'), '--experiment', 'market, other')
        refused(m.run('status', '--experiment', 'third'), 'third', 'market, other')
        assert json.loads(m.done('status', '--experiment', 'other', '--json').stdout)['seed'] == 8


def rules_that_make_no_sense_are_refused():
    with Experiment() as m:
        for options in (['--seed', 'x'], ['--open', '0'], ['--ttl', '-1'], ['--order', 'alphabetic'],
                        ['--group', 'a b'], ['--group', 'a=-1e-9'], ['--group', 'a', '--group', 'a'],
                        ['--name', 'no/slash']):
            refused(convoke('market', 'new', m.dir, '--name', 'other', *options))
        assert m.done('status').returncode == 0  # there is one still


def a_rule_is_refused_by_the_name_of_its_option():
    with Experiment() as m:
        for options, *parts in ((['--ttl', '5m'], '--ttl', 'seconds', "'5m'"),
                                (['--order', 'x'], '--order', 'sequential, shuffled, latin'),
                                (['--open', '65'], '--open', '64'), (['--group', 'a=b'], '--group', 'NAME=CENTS'),
                                (['--attempts-per-minute', '0'], '--attempts-per-minute', '60000')):
            refused(convoke('market', 'new', m.dir, '--name', 'other', *options), *parts)


def a_second_experiment_needs_another_name():
    with Experiment() as m:
        again = convoke('market', 'new', m.dir)
        refused(again, "'market'", '--name')
        assert 'experiment' in again.stderr, again.stderr


def another_word_than_those_of_a_choice_is_told_all_of_them():
    with Experiment('--group', 'low', '--group', 'high') as m:
        for command, *args in (('export', '--table', 'x', 'submissions, attempts, requests, batches, panel, '
                                'participants, deployments, extras, events'),
                               ('export', '--format', 'x', 'csv, jsonl, parquet'),
                               ('export', '--flags-exclude', 'x', 'PRICE_LT_COST, TIME_IMPOSSIBLE'),
                               ('simulate', '--mechanism', 'x', 'first-price, second-price'),
                               ('simulate', '--choice', 'x', 'random, fastest, cheapest'),
                               ('analyze', '--panel', 'x', 'available, complete'),
                               ('request list', '--state', 'x', 'open, done, expired, skipped')):
            refused(m.run(command, *args[:-1]), args[-2], args[-1], "'x'")
        refused(m.run('participant add', '--group', 'mid'), 'mid', 'low, high')
        src = m.batches('src', b_batch=b'1')
        refused(m.run('batch import', src, '--verifier', 'groth17'), 'exec, groth16, kzg-opening')


def an_export_has_the_format_that_its_name_ends_in():
    with Experiment() as m:
        m.imported()
        begins = {'csv': b'batch,', 'jsonl': b'{"batch":1', 'parquet': b'PAR1', 'txt': b'batch,'}
        for suffix, first in begins.items():
            out = os.path.join(m.root, 'x.' + suffix)
            m.done('export', '--table', 'batches', '--out', out)
            with open(out, 'rb') as f:
                assert f.read(len(first)) == first, suffix
        out = os.path.join(m.root, 'y.csv')
        refused(m.run('export', '--out', out, '--format', 'parquet'), '--format is parquet', '.csv')
        assert not os.path.exists(out)
        m.done('export', '--out', os.path.join(m.root, 'y'), '--format', 'parquet')
        parquet = os.path.join(m.root, 'x.parquet')
        for command in ('analyze', 'simulate'):
            refused(convoke('market', command, '--from', parquet), parquet, 'Parquet', 'CSV', 'JSON lines')


def batches_are_imported_in_the_order_of_their_names():
    with Experiment() as m:
        bytes2 = b'two\n'
        src = m.batches('src', n10_batch=b'ten\n', n02_batch=bytes2, n01_batch=b'one\n', n02_json={
            'name': 'second', 'sha256': hashlib.sha256(bytes2).hexdigest(), 'size': len(bytes2),
            'verifier': 'accept-all', 'expect': ['33'], 'covariates': {'n_tx': 17, 'fork': 'x'}})
        m.done('batch import', src, '--verifier', 'sha256')
        rows = m.rows('batch list')
        assert [r['name'] for r in rows] == ['n01', 'second', 'n10'], rows
        assert [r['verifier'] for r in rows] == ['sha256', 'accept-all', 'sha256'], rows
        assert rows[1]['sha256'] == hashlib.sha256(bytes2).hexdigest() and rows[1]['size'] == 4
        assert json.loads(rows[1]['covariates']) == {'n_tx': 17, 'fork': 'x'}
        assert {r['block'] for r in rows} == {1}


def an_import_again_changes_nothing():
    with Experiment() as m:
        m.imported()
        again = m.done('batch import', os.path.join(m.root, 'src'), '--verifier', 'sha256')
        assert 'imported: 0; there already: 3' in again.stdout, again
        m.batches('src', b4_batch=b'batch 4\n')
        more = m.done('batch import', os.path.join(m.root, 'src'), '--verifier', 'sha256')
        assert 'imported: 1; there already: 3' in more.stdout, more
        assert [r['block'] for r in m.rows('batch list')] == [1, 1, 1, 2]
        m.batches('src', b2_batch=b'other bytes\n', b9_batch=b'batch 9\n')
        refused(m.run('batch import', os.path.join(m.root, 'src'), '--verifier', 'sha256'), 'b2')
        assert len(m.rows('batch list')) == 4  # none of them


def one_bad_manifest_and_none_is_imported():
    with Experiment() as m:
        for number, (files, part) in enumerate((
                ({'x_json': {'size': 5}}, 'size'),
                ({'x_json': {'sha256': '0' * 64}}, 'sha256'),
                ({'x_json': {'sha256': 'zz'}}, "'x.json'"),
                ({'x_json': {'nmae': 'y'}}, 'nmae'),
                ({'x_json': b'{"name": '}, "'x.json'"),
                ({'x_json': {'covariates': {'a': [1]}}}, "'a'"),
                ({'x_json': {'verifier': 'nothing'}}, 'nothing'),
                ({'x_json': {'name': 'good'}}, 'good'),
                ({'y_json': {}}, "'y.json'"))):
            src = m.batches('bad%d' % number, good_batch=b'good\n', x_batch=b'4444', **files)
            refused(m.run('batch import', src, '--verifier', 'sha256'), part)
        assert m.rows('batch list') == []
        refused(m.run('batch import', m.batches('none')), '*.batch')
        refused(m.run('batch import', m.batches('plain', x_batch=b'1')), '--verifier')
        refused(m.run('batch import', os.path.join(m.root, 'absent')), 'absent')


def a_link_is_no_batch_and_no_manifest():
    with Experiment() as m:
        secret = os.path.join(m.dir, 'server.key')
        assert os.path.exists(secret)
        src = m.batches('src', a_batch=b'1')
        for name, target in (('b.batch', secret), ('a.json', m.batches('else', a_json={}) + '/a.json')):
            os.symlink(target, os.path.join(src, name))
            refused(m.run('batch import', src, '--verifier', 'sha256'), 'is a link')
            os.remove(os.path.join(src, name))
        assert m.rows('batch list') == []


def a_manifest_has_a_program_run_only_where_the_operator_allows_it():
    with Experiment() as m:
        program = {'command': ['/bin/true']}
        whole = m.batches('whole', a_batch=b'1', a_json={'verifier': 'exec', 'params': program})
        params = m.batches('params', b_batch=b'2', b_json={'params': program})
        refused(m.run('batch import', whole), '--allow-exec')
        refused(m.run('batch import', params, '--verifier', 'exec'), '--allow-exec')
        assert m.rows('batch list') == []
        m.done('batch import', whole, '--allow-exec')
        m.done('batch import', params, '--verifier', 'exec', '--allow-exec')
        own = m.batches('own', params=program)
        m.done('batch import', m.batches('plain', c_batch=b'3'), '--verifier', 'exec', '--params',
               os.path.join(own, 'params'))
        assert len(m.rows('batch list')) == 3


def verifiers_for_tests_need_an_experiment_for_tests():
    with Experiment() as m:
        done(convoke('market', 'new', m.dir, '--name', 'real'))
        src = m.batches('src', b_batch=b'1')
        refused(m.run('batch import', src, '--verifier', 'accept-all', '--experiment', 'real'),
                'accept-all', 'market new --dev')
        assert m.rows('batch list', '--experiment', 'real') == []


def an_id_is_told_once_and_kept_nowhere():
    with Experiment('--group', 'low') as m:
        added = json.loads(m.done('participant add', '--label', 'A', '--group', 'low', '--json').stdout)
        plain = m.done('participant add', '--note', 'by mail')
        ids = [added['id'], plain.stdout.strip()]
        assert added['participant'] == 1 and all(len(i) == 22 for i in ids), ids
        assert ids[1] not in plain.stderr
        ids.append(m.done('participant rotate', '1').stdout.strip())
        assert len(set(ids)) == 3, ids
        for command in ('participant list', 'participant show'):
            args = ['2'] if command.endswith('show') else []
            shown = m.done(command, *args).stdout + m.done(command, *args, '--json').stdout
            assert not any(i in shown for i in ids), shown
        for folder, _, names in os.walk(m.dir):
            for name in names:
                with open(os.path.join(folder, name), 'rb') as f:
                    kept = f.read()
                assert not any(i.encode() in kept for i in ids), name


def participants_come_and_go():
    with Experiment('--group', 'low') as m:
        m.done('participant add', '--id', 'alice', '--label', 'Alice')
        m.done('participant add', '--id', 'bob', '--group', 'low')
        refused(m.run('participant add', '--id', 'alice'), 'already')
        refused(m.run('participant add', '--id', 'a b'), 'letters')
        refused(m.run('participant add', '--group', 'high'), 'high')
        m.done('participant disable', '1')
        rows = m.rows('participant list')
        assert [(r['state'], r['group'], r['label']) for r in rows] == [
            ('disabled', None, 'Alice'), ('enabled', 'low', '')], rows
        assert m.rows('participant show', '1') == rows[:1]
        refused(m.run('participant disable', '1'), 'already')
        m.done('participant enable', '1')
        for who in ('3', '0', '01', '-1', 'alice', '99999999999999999999'):
            for command in ('disable', 'enable', 'rotate', 'show'):
                refused(convoke('market', 'participant', command, m.dir, '--', who))


def what_is_said_of_a_participant_or_a_batch_may_change():
    with Experiment('--group', 'low') as m:
        m.imported()
        m.done('participant add', '--label', 'Alice', '--contact', 'a@example.org', '--group', 'low')
        refused(m.run('participant set', '1'), '--label')
        assert 'participant 1' in m.done('participant set', 'Alice', '--label', 'Alicia', '--note', 'n').stdout
        row = m.rows('participant show', 'Alicia')[0]
        assert (row['label'], row['contact'], row['note'], row['group']) == ('Alicia', 'a@example.org', 'n', 'low')
        assert 'a@example.org' in m.done('participant show', '1').stdout
        refused(m.run('participant set', '1', '--group', 'low'), '--group')
        refused(m.run('batch set-meta', 'b2'), '--covariates')
        refused(m.run('batch set-meta', 'b2', '--covariates', '[1]'), 'object')
        m.done('batch set-meta', 'b2', '--covariates', '{"n_tx": 17}')
        assert json.loads(m.rows('batch list')[1]['covariates']) == {'n_tx': 17}
        rows = list(csv.DictReader(io.StringIO(m.done('export', '--table', 'batches').stdout)))
        assert [r['batch.n_tx'] for r in rows] == ['', '17', ''], rows
        m.done('verify')


def a_status_tells_groups_and_how_many_are_in_each():
    with Experiment('--group', 'low=12.5', '--group', 'free') as m:
        for group in (['--group', 'low'], ['--group', 'low'], [], ['--group', 'free']):
            m.done('participant add', *group)
        m.done('participant disable', '1')  # they stay in their group
        status = json.loads(m.done('status', '--json').stdout)
        assert [(g['name'], g['participants']) for g in status['groups']] == [('low', 2), ('free', 1)], status
        told = m.done('status').stdout.splitlines()
        for line in ('group         low: posted price 12.5 cents, 2 participants',
                     'group         free: no posted price, 1 participant', 'in no group   1 participant'):
            assert line in told, told
    with Experiment() as m:
        m.done('participant add')
        assert 'group' not in m.done('status').stdout


def participants_and_batches_are_named_by_number_or_name():
    with Experiment() as m:
        m.imported()
        for label in ('Alice', '7', 'Bob', 'Bob', ''):
            m.done('participant add', '--label', label)
        assert 'participant 1' in m.done('participant disable', 'Alice').stdout
        assert [r['participant'] for r in m.rows('participant show', 'Alice')] == [1]
        assert 'participant 2' in m.done('deployment set', '2', 'x').stdout
        refused(m.run('participant disable', 'Bob'), '2 participants', 'number:3, number:4')
        refused(m.run('participant disable', 'Carol'), 'Carol', 'participant list')
        refused(m.run('participant disable', ''), 'participant list')
        refused(m.run('participant show', '7'), 'number:7', 'number:2')  # whose label is 7
        assert 'batch 2' in m.done('batch retire', 'b2').stdout
        refused(m.run('batch retire', 'b9'), 'b9', 'batch list')


def a_number_that_is_also_the_name_of_another_is_refused():
    with Experiment() as m:
        m.done('batch import', m.batches('src', **{'%d_batch' % i: b'%d' % i for i in (1, 2, 3, 10)}),
               '--verifier', 'sha256')  # 1, 10, 2, 3 in this order
        refused(m.run('batch retire', '2'), 'number:2', 'number:3')
        assert {r['state'] for r in m.rows('batch list')} == {'active'}
        assert 'batch 2' in m.done('batch retire', 'number:2').stdout  # named 10
        assert 'batch 1' in m.done('batch retire', '1').stdout  # number and name
        assert 'batch 4' in m.done('batch retire', 'number:4').stdout  # named 3
        refused(m.run('batch retire', '10'), 'number:10', 'number:2')
        refused(m.run('batch retire', 'number:x'), "'x'")
        for label in ('2', '', '99999999999'):
            m.done('participant add', '--label', label)
        refused(m.run('participant set', '2', '--note', 'n'), 'number:2', 'number:1')
        assert 'participant 1' in m.done('participant set', 'number:1', '--note', 'n').stdout
        assert 'participant 3' in m.done('participant disable', '99999999999').stdout


def batches_are_retired_and_examples_published():
    with Experiment() as m:
        m.imported()
        m.done('batch retire', '2')
        assert [r['state'] for r in m.rows('batch list')] == ['active', 'retired', 'active']
        refused(m.run('batch retire', '2'), 'already')
        m.done('batch restore', '2')
        refused(m.run('batch retire', '9'), '9')
        example = os.path.join(m.root, 'src', 'b1.batch')
        assert 'example-proof.bin' in m.done('batch example', '--batch', example, '--proof', example).stdout
        refused(m.run('batch example'), '--batch')
        refused(m.run('batch example', '--proof', os.path.join(m.root, 'absent')), 'absent')


def deployments_are_described():
    with Experiment() as m:
        m.done('participant add')
        m.done('deployment set', '1', '3.1-GPU', '--usd-per-hour', '2.405', '--power-w', '700',
               '--hardware', '{"gpu": 8}', '--description', 'a rack')
        m.done('deployment set', '1', '2')
        rows = m.rows('deployment list')
        by_name = {r['deployment']: r for r in rows}
        assert by_name['3.1-GPU']['cents_per_hour'] == 240.5 and by_name['3.1-GPU']['power_w'] == 700
        assert json.loads(by_name['3.1-GPU']['hardware']) == {'gpu': 8}
        assert by_name['2']['cents_per_hour'] is None and by_name['2']['hardware'] is None
        for args in (['2', 'x'], ['1', ''], ['1', 'x' * 257], ['1', 'x', '--hardware', '[1]'],
                     ['1', 'x', '--usd-per-hour', '-1e-9'], ['1', 'x', '--usd-per-hour', '9e12'],
                     ['1', 'x', '--power-w', 'much']):
            refused(m.run('deployment set', *args))
        assert m.rows('deployment list') == rows


def requests_that_are_not_there_are_told():
    with Experiment() as m:
        assert m.rows('request list') == []
        for command in ('reopen', 'expire', 'skip'):
            refused(m.run('request ' + command, '1'), '1')
        refused(m.run('request list', '--state', 'odd'), 'odd')


def exports_have_their_fixed_header():
    with Experiment() as m:
        m.imported(1)
        m.batches('more', z_batch=b'z\n', z_json={'name': '=danger', 'covariates': {'gas': 1.5}})
        m.done('batch import', os.path.join(m.root, 'more'), '--verifier', 'sha256')
        m.done('participant add')
        assert m.done('export').stdout == HEADER + ',batch.gas\n'
        rows = list(csv.DictReader(io.StringIO(m.done('export', '--table', 'batches').stdout)))
        assert [r['batch_name'] for r in rows] == ['b1', "'=danger"] and rows[1]['batch.gas'] == '1.5'
        panel = json_lines(m.done('export', '--table', 'panel', '--format', 'jsonl'))
        assert panel[1]['batch_name'] == '=danger' and panel[0]['price_cents.1'] is None, panel
        for table in ('submissions', 'attempts', 'requests', 'batches', 'panel', 'participants', 'deployments',
                      'extras', 'events'):
            out = os.path.join(m.root, table + '.parquet')
            m.done('export', '--table', table, '--format', 'parquet', '--out', out)
            with open(out, 'rb') as f:
                data = f.read()
            assert data[:4] == data[-4:] == b'PAR1', table


def exports_that_cannot_be_made_are_refused():
    with Experiment() as m:
        short = os.path.join(m.root, 'short')
        with open(short, 'wb') as f:
            f.write(b'fifteen bytes..')
        for args in (['--table', 'people'], ['--format', 'xml'], ['--flags-exclude', 'ODD'],
                     ['--flags-exclude', 'COPIED,ODD'], ['--anonymize', short],
                     ['--anonymize', os.path.join(m.root, 'absent')],
                     ['--out', os.path.join(m.root, 'absent', 'x')], ['--out', m.root]):
            refused(m.run('export', *args))


def an_experiment_that_was_changed_behind_its_back_is_invalid():
    with Experiment() as m:
        m.imported()
        m.done('participant add')
        assert 'valid' in m.done('verify').stdout
        told = json.loads(m.done('verify', '--json').stdout)
        assert told['verdict'] == 'valid' and told['faults'] == [] and told['batches'] == 3, told
        m.sql("UPDATE batch SET covariates = '{\"n_tx\":1}' WHERE id = 2")
        got = m.run('verify')
        assert got.returncode == 1 and 'INVALID' in got.stdout, got
        got = m.run('verify', '--no-proofs', '--json')
        told = json.loads(got.stdout)
        assert got.returncode == 1 and told['verdict'] == 'invalid', got
        assert [f['id'] for f in told['faults']] == ['market.changed'], told


def what_keeps_an_experiment_from_being_opened_is_told_in_json_too():
    with Experiment() as m:
        with open(os.path.join(m.dir, 'heads', 'market.json'), 'w', encoding='ascii') as f:
            f.write('{}')
        got = m.run('verify', '--json')
        told = json.loads(got.stdout)
        assert got.returncode == 1 and told['verdict'] == 'invalid', got
        assert [f['id'] for f in told['faults']] == ['head.damaged'], told


def a_backup_tells_what_of_an_experiment_it_has():
    with Experiment() as m:
        m.imported()
        out, again = os.path.join(m.root, 'backup'), os.path.join(m.root, 'again')
        told = "experiment 'market': 0 submissions, 4 events in the journal"
        assert told in done(convoke('backup', m.dir, out)).stdout
        assert told in done(convoke('restore', out, again)).stdout
        done(convoke('market', 'verify', again))


def a_batch_file_that_was_changed_is_told_by_its_number():
    with Experiment() as m:
        m.imported()
        digest = m.rows('batch list')[1]['sha256']
        found = [os.path.join(folder, name) for folder, _, names in os.walk(m.dir) for name in names
                 if digest in (folder + name).replace('/', '') or name == digest]
        assert len(found) == 1, found
        os.chmod(found[0], 0o600)
        with open(found[0], 'r+b') as f:
            f.write(b'X')
        got = m.run('verify', '--json')
        told = json.loads(got.stdout)
        assert got.returncode == 1 and [(f['id'], f['batch']) for f in told['faults']] == [
            ('blob.damaged', 2)], told


# ---- beside a server, which looks a few times a second at what others wrote ----

def asked(m, command, *args):
    return done(convoke('market', *command.split(), m.dir, *args))


def stop(m):
    """The server writes what it served each second, and at its end."""
    m.process.terminate()
    m.process.wait()


def what_was_proved_is_exported_and_verified_again():
    with Market() as m:
        request, file = m.batch('alice')
        assert m.submit('alice', submission(request, b'not this')) == INVALID
        body = submission(request, proof_of(m.fetch(file)), cost='100.25', price='7.05e1', version='3.10',
                          acceleration='=GPU')
        assert m.submit('alice', body) == ACCEPTED
        m.prove('bob', time=1, version='"v,1"')
        stop(m)
        rows = list(csv.DictReader(io.StringIO(asked(m, 'export').stdout)))
        first = {k: rows[0][k] for k in ('request_id', 'participant', 'batch', 'cost_cents', 'price_cents',
                                         'margin_cents', 'deployment', 'deployment_type', 'acceleration',
                                         'attempts')}
        assert first == {'request_id': '1', 'participant': '1', 'batch': '1', 'cost_cents': '100.25',
                         'price_cents': '70.5', 'margin_cents': '-29.75', 'deployment': '3.10',
                         'deployment_type': 'number', 'acceleration': "'=GPU", 'attempts': '1'}, first
        assert 'PRICE_LT_COST' in rows[0]['flags'] and rows[1]['deployment'] == 'v,1', rows
        assert int(rows[0]['observed_ms']) == int(rows[0]['received_ms']) - int(rows[0]['issued_ms'])
        assert int(rows[0]['first_get_ms']) >= int(rows[0]['issued_ms'])
        kept = asked(m, 'export', '--flags-exclude', 'PRICE_LT_COST', '--format', 'jsonl')
        assert [r['request_id'] for r in json_lines(kept)] == [2], kept
        attempts = json_lines(asked(m, 'export', '--table', 'attempts', '--format', 'jsonl'))
        assert 'malformed' in [a['verdict'] for a in attempts] or 'invalid' in [a['verdict'] for a in attempts]
        told = json.loads(asked(m, 'verify', '--json').stdout)
        assert told['verdict'] == 'valid' and told['proofs_verified'] == 2, told


def anonymous_exports_name_nobody():
    with Market() as m:
        m.prove('alice', version='"acme-7"')
        m.prove('bob', version='"acme-7"')
        stop(m)
        salt = m.path('salt')
        with open(salt, 'wb') as f:
            f.write(os.urandom(32))
        texts = [asked(m, 'export', '--anonymize', salt).stdout for _ in range(2)]
        rows = list(csv.DictReader(io.StringIO(texts[0])))
        assert texts[0] == texts[1] and len({r['participant'] for r in rows}) == 2, texts
        assert len({r['deployment'] for r in rows}) == 2 and 'acme' not in texts[0], rows
        panel = asked(m, 'export', '--anonymize', salt, '--table', 'panel').stdout.splitlines()[0]
        assert all('price_cents.' + r['participant'] in panel for r in rows), panel


def requests_are_closed_and_opened_while_the_server_runs():
    with Market(batches=3) as m:
        first, _ = m.batch('alice')
        asked(m, 'request expire', str(first))
        until(lambda: m.batch('alice')[0] != first)
        second, _ = m.batch('alice')
        asked(m, 'request skip', str(second))
        asked(m, 'request reopen', str(first))
        until(lambda: m.batch('alice')[0] == first)
        states = {r['request_id']: r['state'] for r in json_lines(asked(m, 'request list', '--json'))}
        assert states == {first: 'open', second: 'skipped'}, states
        refused(convoke('market', 'request', 'expire', m.dir, str(second)))
        only = json_lines(asked(m, 'request list', '--state', 'skipped', '--json'))
        assert [r['request_id'] for r in only] == [second], only
        m.prove('alice')
        refused(convoke('market', 'request', 'reopen', m.dir, str(first)))
        assert [r['done'] for r in json_lines(asked(m, 'participant list', '--json'))] == [1, 0]


def who_is_disabled_or_has_another_id_is_a_stranger():
    with Market() as m:
        request, _ = m.batch('alice')
        asked(m, 'participant disable', '1')
        until(lambda: m.text('/get_batch/?participant_id=alice')[0] == 422)
        asked(m, 'participant enable', '1')
        until(lambda: m.text('/get_batch/?participant_id=alice')[0] == 200)
        assert m.batch('alice')[0] == request
        asked(m, 'participant rotate', '1', '--id', 'alice2')
        until(lambda: m.text('/get_batch/?participant_id=alice')[0] == 422)
        assert m.batch('alice2')[0] == request


def a_server_says_what_it_serves():
    with Market(ceremony=True) as m:
        until(lambda: "serving experiment 'tiny'" in m.log())
        assert "serving ceremony 'kzg'" in m.log()
    with Market() as m:
        until(lambda: "serving experiment 'tiny'" in m.log())
        assert 'serving ceremony' not in m.log()


def batches_that_are_imported_later_reach_those_who_had_finished():
    with Market(batches=1) as m:
        m.prove('alice')
        assert m.text('/get_batch/?participant_id=alice')[0] == 429
        os.mkdir(m.path('more'))
        with open(m.path('more', 'late.batch'), 'wb') as f:
            f.write(b'late\n')
        asked(m, 'batch import', m.path('more'), '--verifier', 'sha256')
        until(lambda: m.text('/get_batch/?participant_id=alice')[0] == 200)
        assert m.fetch(m.batch('alice')[1]) == b'late\n'


def groups_of_commands_are_listed():
    listed = done(convoke('market', 'participant', '--help')).stdout
    assert len(listed.splitlines()) == 7 and 'market participant rotate' in listed, listed
    assert done(convoke('help', 'market', 'participant')).stdout == listed
    for words, part in ((['market', 'batch'], "'market batch' is not complete"),
                        (['market', 'batch', 'eat'], "'market batch eat' is no command"),
                        (['help', 'market', 'eat'], "'market eat' is no command")):
        got = convoke(*words)
        assert got.returncode == 2 and part in got.stderr, got


tap.main(rules_are_what_was_said_and_have_a_hash,
         rules_that_make_no_sense_are_refused,
        a_rule_is_refused_by_the_name_of_its_option,
        a_second_experiment_needs_another_name,
        another_word_than_those_of_a_choice_is_told_all_of_them,
        an_export_has_the_format_that_its_name_ends_in,
         batches_are_imported_in_the_order_of_their_names,
         a_link_is_no_batch_and_no_manifest,
         a_manifest_has_a_program_run_only_where_the_operator_allows_it,
         an_import_again_changes_nothing,
         one_bad_manifest_and_none_is_imported,
         verifiers_for_tests_need_an_experiment_for_tests,
         a_status_tells_groups_and_how_many_are_in_each,
         an_id_is_told_once_and_kept_nowhere,
         participants_come_and_go,
        participants_and_batches_are_named_by_number_or_name,
        a_number_that_is_also_the_name_of_another_is_refused,
        what_is_said_of_a_participant_or_a_batch_may_change,
         batches_are_retired_and_examples_published,
         deployments_are_described,
         requests_that_are_not_there_are_told,
         exports_have_their_fixed_header,
         exports_that_cannot_be_made_are_refused,
         an_experiment_that_was_changed_behind_its_back_is_invalid,
    what_keeps_an_experiment_from_being_opened_is_told_in_json_too,
        a_backup_tells_what_of_an_experiment_it_has,
         a_batch_file_that_was_changed_is_told_by_its_number,
         what_was_proved_is_exported_and_verified_again,
         anonymous_exports_name_nobody,
         requests_are_closed_and_opened_while_the_server_runs,
         who_is_disabled_or_has_another_id_is_a_stranger,
         a_server_says_what_it_serves,
        batches_that_are_imported_later_reach_those_who_had_finished,
         groups_of_commands_are_listed)
