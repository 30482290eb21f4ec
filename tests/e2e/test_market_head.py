"""The signed head of an experiment's journal that is kept beside the database, with real processes: a
database that was put back, whole, is neither served nor written to nor exported."""
import json
import os
import shutil
import signal
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), '..', 'support'))
import tap  # noqa: E402
from ceremony import convoke, done  # noqa: E402
from http_probe import until  # noqa: E402
from market import Market  # noqa: E402

TO_DO = 'restore the newest backup'
HEAD = os.path.join('heads', 'tiny.json')


def kept(m):
    """The entries of the kept head."""
    with open(m.path('server', HEAD), encoding='ascii') as f:
        return json.loads(json.load(f)['head'])['entries']


def entries(m):
    return m.rows('SELECT max(seq) FROM journal')[0][0]


def verified(m, *options):
    return convoke('market', 'verify', m.dir, '--no-proofs', *options)


def facts(m, *options):
    return json.loads(done(verified(m, *options, '--json')).stdout)


def copy(m, name, to):
    shutil.copy(m.path('server', name), m.path(to))


def put_back(m, name, of):
    shutil.copy(m.path(of), m.path('server', name))


def refused(*words):
    got = convoke('market', *words)
    assert got.returncode == 2 and TO_DO in got.stderr, (words, got)


def is_refused(m):
    before = kept(m)
    assert not m.starts() and TO_DO in m.log(), m.log()
    m.process = None
    refused('participant', 'add', m.dir, '--id', 'carol')
    refused('status', m.dir)
    refused('export', m.dir, '--table', 'submissions', '--out', m.path('out.csv'))
    assert not os.path.exists(m.path('out.csv'))
    got = verified(m)
    assert got.returncode == 1 and 'INVALID' in got.stdout and TO_DO in got.stdout, got
    assert kept(m) == before, 'somebody has signed for it'


def the_server_keeps_the_newest_head_while_it_runs_and_at_its_end():
    with Market(batches=3) as m:
        m.prove('alice')
        until(lambda: kept(m) == entries(m))
        m.prove('alice')
        m.prove('bob')
        m.stop()
        assert kept(m) == entries(m)
        assert facts(m)['signed_heads'] == 1


def grow_beyond_a_copy(m):
    """`old` is the database of before the newest proof; the server runs."""
    m.prove('alice')
    m.stop()
    copy(m, 'convoke.db', 'old')
    m.start()
    m.prove('bob')


def a_database_that_was_put_back_whole_is_refused():
    with Market() as m:
        grow_beyond_a_copy(m)
        m.stop()
        copy(m, 'convoke.db', 'new')
        put_back(m, 'convoke.db', 'old')
        is_refused(m)
        put_back(m, 'convoke.db', 'new')
        m.start()
        m.prove('bob')


def what_only_a_command_wrote_is_missed_as_well():
    with Market(serving=False) as m:
        copy(m, 'convoke.db', 'old')
        done(convoke('market', 'participant', 'add', m.dir, '--id', 'carol'))
        assert kept(m) == entries(m)
        put_back(m, 'convoke.db', 'old')
        is_refused(m)


def a_command_beside_the_server_and_the_server_keep_one_head():
    with Market(batches=4) as m:
        for who in ('carol', 'dave'):
            m.prove('alice')
            done(convoke('market', 'participant', 'add', m.dir, '--id', who))
            m.prove(who)
        m.stop()
        assert kept(m) == entries(m)
        m.start()
        m.prove('dave')


def killed_before_it_kept_its_newest_head_it_starts_again():
    with Market() as m:
        until(lambda: kept(m) == entries(m))
        m.prove('alice')
        m.stop(signal.SIGKILL)
        assert kept(m) <= entries(m)
        done(verified(m))
        m.start()
        m.prove('bob')
        until(lambda: kept(m) == entries(m))


def a_whole_directory_that_was_put_back_is_found_with_a_head_from_elsewhere():
    with Market() as m:
        m.prove('alice')
        m.stop()
        shutil.copytree(m.dir, m.path('older'))
        m.start()
        m.prove('bob')
        m.stop()
        head = m.path('head.json')
        copy(m, HEAD, 'head.json')
        assert facts(m, '--head', head)['signed_heads'] == 2

        shutil.rmtree(m.dir)
        os.rename(m.path('older'), m.dir)

        done(verified(m))  # nothing in it tells
        got = verified(m, '--head', head)
        assert got.returncode == 1 and 'has signed' in got.stdout, got
        with open(head, 'w', encoding='ascii') as f:
            f.write('no head')
        got = verified(m, '--head', head)
        assert got.returncode == 2 and 'not a signed head' in got.stderr, got


def a_restored_backup_is_bound_by_its_head():
    with Market() as m:
        grow_beyond_a_copy(m)
        until(lambda: kept(m) == entries(m))
        done(convoke('backup', m.dir, m.path('backup')))
        m.stop()
        shutil.rmtree(m.dir)
        done(convoke('restore', m.path('backup'), m.dir))
        assert kept(m) == entries(m)
        put_back(m, 'convoke.db', 'old')
        is_refused(m)


if __name__ == '__main__':
    tap.main(
        the_server_keeps_the_newest_head_while_it_runs_and_at_its_end,
        a_database_that_was_put_back_whole_is_refused,
        what_only_a_command_wrote_is_missed_as_well,
        a_command_beside_the_server_and_the_server_keep_one_head,
        killed_before_it_kept_its_newest_head_it_starts_again,
        a_whole_directory_that_was_put_back_is_found_with_a_head_from_elsewhere,
        a_restored_backup_is_bound_by_its_head)
