"""What an experiment's operator exports is the same in every format: Parquet, as a reader that is not
ours takes it, JSON lines and CSV, cell by cell, of a real server's directory."""
import json
import os
import sys
from decimal import Decimal

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, '..', 'support'), os.path.join(HERE, '..', 'e2e')]
import parquet  # noqa: E402
import tap  # noqa: E402
from ceremony import convoke, done  # noqa: E402
from http_probe import until  # noqa: E402
from market import ACCEPTED, INVALID, Market, proof_of, submission  # noqa: E402

TABLES = ('submissions', 'attempts', 'requests', 'batches', 'panel', 'participants', 'deployments', 'extras',
          'events')
SAID = '=out of, "memory"\n\tand more'
EXTRAS = {'concurrency': 4, 'queue_len': 1.5, 'on': [True, None, {'=a,"b"': SAID}], '=key, "k"\n': '-5', 'spot': False}
MOST = '8999999999999.999999'  # cents


# ---- reading ----

def csv_fields(text):
    """Records of (text, quoted); RFC 4180, lines end in LF. csv.reader takes "" and nothing for the same."""
    record, field, at = [], '', 0
    while at < len(text):
        quoted = text[at] == '"'
        if quoted:
            end = text.index('"', at + 1)
            while text[end + 1:end + 2] == '"':
                end = text.index('"', end + 2)
            field, at = text[at + 1:end].replace('""', '"'), end + 1
        else:
            end = min(i for i in (text.find(',', at), text.find('\n', at)) if i >= 0)
            field, at = text[at:end], end
        record.append((field, quoted))
        if text[at] == '\n':
            yield record
            record = []
        at += 1


def same_in_csv(kind, field, quoted, wanted):
    if wanted is None:
        return field == '' and not quoted
    if kind == parquet.TEXT:
        guarded = "'" + wanted if wanted[:1] in tuple('=+-@\t\r') else wanted
        return field == guarded and (quoted or field != '')
    return not quoted and Decimal(field) == wanted


def exported(m, table, form, *args):
    """As bytes."""
    out = m.path('%s.%s' % (table, form))
    done(convoke('market', 'export', m.dir, '--table', table, '--format', form, '--out', out, *args))
    with open(out, 'rb') as f:
        return out, f.read()


def compared(m, table, *args):
    """(shape, rows as JSON lines) of a table that is the same in all formats."""
    shape, rows = parquet.read(exported(m, table, 'parquet', *args)[0])
    lines = exported(m, table, 'jsonl', *args)[1].decode().split('\n')[:-1]
    parquet.same(shape, rows, lines)
    kinds = {name: kind for name, *kind in shape['columns']}
    header, *records = csv_fields(exported(m, table, 'csv', *args)[1].decode())
    assert [name for name, _ in header] == list(kinds) and len(records) == len(lines)
    wanted = [json.loads(line, parse_float=Decimal, parse_int=Decimal) for line in lines]
    for record, row in zip(records, wanted):
        assert len(record) == len(row), record
        for (field, quoted), (name, value) in zip(record, row.items()):
            assert same_in_csv(kinds[name], field, quoted, value), (name, field, quoted, value)
    return shape, wanted


def panel_is_of(submissions, panel):
    """Each bid stands in its batch's row and its participant's columns, and nothing else does."""
    bids = {}
    for row in panel:
        for name, value in row.items():
            kind, _, who = name.partition('.')
            if kind in ('price_cents', 'cost_cents', 'time_ms') and value is not None:
                bids[row['batch'], who, kind] = value
    wanted = {}
    for s in submissions:
        for kind, column in (('price_cents',) * 2, ('cost_cents',) * 2, ('time_ms', 'proving_time_ms')):
            wanted[s['batch'], str(s['participant']), kind] = s[column]
    assert bids == wanted, (bids, wanted)


# ---- an experiment in which much has happened ----

MANIFESTS = {
    'a': {'covariates': {'n_tx': 17, 'gas': 1.5e-3, 'fork': 'x'}},
    'b': {'name': '=b, "two"', 'covariates': {'n_tx': 12345678901234567, 'fork': '-5', 'empty': ''}},
    'c': {'covariates': {'gas': -0.1, 'fork': 3, 'note': 'two\nlines, \u00e9\U0001f30d\u2028 and a "quote"'}},
    'd': {},
}


def imported(m):
    os.mkdir(m.path('src'))
    for name, manifest in MANIFESTS.items():
        with open(m.path('src', name + '.batch'), 'w', encoding='utf-8') as f:
            f.write('batch ' + name)
        with open(m.path('src', name + '.json'), 'w', encoding='utf-8') as f:
            json.dump(manifest, f)
    done(convoke('market', 'batch', 'import', m.dir, m.path('src'), '--verifier', 'sha256'))


def prove(m, who, **metadata):
    request, file = m.batch(who)
    body = submission(request, proof_of(m.fetch(file)), **metadata)
    assert m.submit(who, body) == ACCEPTED
    return request


def eventful():
    """A stopped server's directory: every state, verdict and flag, texts that formats must quote, amounts
    at both ends."""
    m = Market('group=low=12.5', 'group=free', ids=('alice:free', 'bob', 'carol'), batches=0, serving=False)
    imported(m)
    for group in ('low', 'free'):
        done(convoke('market', 'participant', 'add', m.dir, '--group', group, '--label', 'Eve', '--note', 'n'))
    done(convoke('market', 'participant', 'disable', m.dir, '3'))
    done(convoke('market', 'deployment', 'set', m.dir, '2', '=x', '--usd-per-hour', '2.405', '--hardware',
                 '{"gpu": 8}', '--description', '=a "rack", of Eve'))
    done(convoke('market', 'deployment', 'set', m.dir, '1', '3.10', '--power-w', '700'))
    m.start()
    request, _ = m.batch('alice')
    for proof in (b'AAAA', b'f' * 64):
        assert m.submit('alice', submission(request, proof)) == INVALID
    assert m.submit('alice', submission(request, 'AAAA', price='"no"'))[0] == 422
    failure = {'request_id': request, 'error': SAID}
    assert m.submit('alice', json.dumps(failure).encode()) == (200, b'failure recorded')
    prove(m, 'alice', cost='0.000001', price=MOST, version='3.10', time=(1 << 53) - 1)
    prove(m, 'alice', cost=MOST, price=0, version='"=1,\\"\u00e9\\""', acceleration='+GPU')
    prove(m, 'alice', cost='0.30000000000000004', price='7.05e1', version='"-"', **EXTRAS)
    request, _ = m.batch('bob')
    assert m.submit('bob', submission(request, proof_of(b'batch a'), version='"x"')) == ACCEPTED
    for state in ('expire', 'skip'):
        request, _ = m.batch('bob')
        done(convoke('market', 'request', state, m.dir, request))
        until(lambda: m.batch('bob')[0] != request)  # pylint: disable=cell-var-from-loop
    done(convoke('market', 'batch', 'retire', m.dir, '4'))
    m.stop()
    return m


def people_are_told(rows):
    told = [tuple(r.values())[:4] + tuple(r.values())[5:] for r in rows['participants']]
    assert told == [(1, 'free', None, 'enabled', 0, 3, 0, 0), (2, None, None, 'enabled', 1, 1, 1, 1),
                    (3, None, None, 'disabled', 0, 0, 0, 0), (4, 'low', Decimal('12.5'), 'enabled', 0, 0, 0, 0),
                    (5, 'free', None, 'enabled', 0, 0, 0, 0)], told
    told = [tuple(r.values())[:-1] for r in rows['deployments']]
    assert told == [(1, '3.10', None, None, None, 700),
                    (2, '=x', '=a "rack", of Eve', '{"gpu": 8}', Decimal('240.5'), None)], told
    assert all(r['created_ms'] > 0 for r in rows['participants'])
    assert all(r['changed_ms'] > 0 for r in rows['deployments'])


def the_journal_is_told(m, rows):
    events = rows['events']
    assert [e['entry'] for e in events] == [e for e, in m.rows('SELECT json FROM journal ORDER BY seq')]
    assert [e['seq'] for e in events] == list(range(1, len(events) + 1))
    for event in events:
        entry = json.loads(event['entry'])
        assert (event['ms'], event['type']) == (entry['now'], entry['type']), event
    closed = [json.loads(e['entry']) for e in events if e['type'] == 'RequestClosed']
    assert [e['state'] for e in closed] == ['expired', 'skipped'], closed


def nobody_is_told(rows):
    """Rows of people stand in the order of their new names, without times and words."""
    people = [r['participant'] for r in rows['participants']]
    assert people == sorted(people) and {len(p) for p in people} == {32}, people
    assert {r['created_ms'] for r in rows['participants']} == {None}
    by_name = {r['participant']: r for r in rows['participants']}
    assert [by_name[r['participant']]['done'] for r in rows['submissions']] == [3, 3, 3, 1]
    (used,) = [r for r in rows['deployments'] if r['power_w'] == 700]
    assert used['deployment'] in [r['deployment'] for r in rows['submissions']], used
    assert {(r['description'], r['changed_ms']) for r in rows['deployments']} == {(None, None)}
    told = {r['key']: r['value'] for r in rows['extras']}
    assert told == {**dict.fromkeys(EXTRAS), 'concurrency': '4', 'queue_len': '1.5', 'spot': 'false'}, told


def every_table_is_the_same_in_every_format():
    with eventful() as m:
        tables = {table: compared(m, table) for table in TABLES}
        rows = {table: tables[table][1] for table in TABLES}
        kinds = {name: kind for name, *kind in tables['submissions'][0]['columns']}

        assert {n: len(r) for n, r in rows.items()} == {
            'submissions': 4, 'attempts': 4, 'requests': 7, 'batches': 4, 'panel': 4, 'participants': 5,
            'deployments': 2, 'extras': len(EXTRAS), 'events': len(m.rows('SELECT seq FROM journal'))}
        assert [list(r.items())[-1] for r in rows['submissions']] == \
            [('group', g) for g in ('free', 'free', 'free', None)]
        assert [r['verdict'] for r in rows['attempts']] == ['malformed', 'invalid', 'badmeta', 'failed']
        assert rows['attempts'][3]['why'] == SAID
        assert {r['state'] for r in rows['requests']} == {'open', 'done', 'expired', 'skipped'}
        assert [r['state'] for r in rows['batches']] == ['active'] * 3 + ['retired']
        assert rows['batches'][1]['batch_name'] == '=b, "two"' and rows['batches'][1]['batch.empty'] == ''
        assert [kinds['batch.' + c] for c in ('n_tx', 'gas', 'fork', 'empty', 'note')] == [
            parquet.NUMBER, parquet.NUMBER, parquet.TEXT, parquet.TEXT, parquet.TEXT]
        first, second, third, bobs = rows['submissions']
        assert [first[k] for k in ('cost_cents', 'price_cents', 'margin_cents')] == [
            Decimal('0.000001'), Decimal(MOST), Decimal('8999999999999.999998')]
        assert second['margin_cents'] == -Decimal(MOST) and second['deployment'] == '=1,"\u00e9"'
        assert third['cost_cents'] == Decimal('0.3') and third['acceleration'] is None
        assert bobs['first_get_ms'] is None and 'NOT_FETCHED' in bobs['flags']
        panel_is_of(rows['submissions'], rows['panel'])
        people_are_told(rows)
        assert {(r['request_id'], r['participant']) for r in rows['extras']} == {(third['request_id'], 1)}
        assert {r['key']: json.loads(r['value']) for r in rows['extras']} == EXTRAS
        the_journal_is_told(m, rows)


def so_it_is_where_names_are_hidden_or_rows_left_out():
    with eventful() as m:
        with open(m.path('salt'), 'wb') as f:
            f.write(bytes(range(32)))
        hide = ('--anonymize', m.path('salt'))
        hidden = {table: compared(m, table, *hide) for table in TABLES if table != 'events'}
        for table, (shape, rows) in hidden.items():
            assert len(rows) >= 2, table
            assert ['participant', *parquet.INT] not in shape['columns'], table
        panel_is_of(hidden['submissions'][1], hidden['panel'][1])
        rows = {table: rows for table, (_, rows) in hidden.items()}
        nobody_is_told(rows)
        got = convoke('market', 'export', m.dir, '--table', 'events', *hide)
        assert got.returncode == 2 and got.stdout == '' and 'events cannot be anonymous' in got.stderr, got
        assert compared(m, 'extras', '--flags-exclude', 'PRICE_LT_COST')[1] != []
        assert compared(m, 'extras', '--flags-exclude', 'TIME_IMPOSSIBLE')[1] == []
        _, rows = compared(m, 'submissions', '--flags-exclude', 'NOT_FETCHED')
        assert [r['participant'] for r in rows] == [1] * 3


def so_it_is_before_anything_has_happened():
    with Market(ids=(), batches=0, serving=False) as m:
        for table in TABLES:
            shape, rows = compared(m, table)
            assert len(rows) == (table == 'events') and shape['columns'] != [], table


tap.main(every_table_is_the_same_in_every_format,
         so_it_is_where_names_are_hidden_or_rows_left_out,
         so_it_is_before_anything_has_happened)
