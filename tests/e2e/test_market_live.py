"""What an operator's command does beside a running server counts for the very next call of a
prover, however busy the server is."""
import contextlib
import json
import os
import stat
import sys
import threading

sys.path.insert(0, os.path.join(os.path.dirname(__file__), '..', 'support'))
import tap  # noqa: E402
from ceremony import convoke, done  # noqa: E402
from http_probe import until  # noqa: E402
from market import ACCEPTED, FINISHED, Market, proof_of, submission  # noqa: E402

TIMES = 50


def stranger(who):
    return 422, b'participant %s does not exist' % who.encode()


def operator(market, *words):
    done(convoke('market', *words[:2], market.dir, *words[2:]))


def import_batch(market, name):
    source = market.path('import-' + name)
    os.mkdir(source)
    with open(os.path.join(source, name + '.batch'), 'w', encoding='ascii') as f:
        f.write('batch %s' % name)
    operator(market, 'batch', 'import', source, '--verifier', 'sha256')


@contextlib.contextmanager
def busy(market):
    """Meanwhile the server writes all the time: proofs of bob's are refused, and kept."""
    request, _ = market.batch('bob')
    over = threading.Event()

    def refuse():
        while not over.is_set():
            market.submit('bob', submission(request, 'AAAA'))

    threads = [threading.Thread(target=refuse) for _ in range(3)]
    for t in threads:
        t.start()
    try:
        yield
    finally:
        over.set()
        for t in threads:
            t.join()


def live(*settings, **options):
    return Market('attempts_per_minute=60000', *settings, **options)


def whoever_was_added_is_served_by_the_next_call():
    with live() as m, busy(m):
        for n in range(TIMES):
            operator(m, 'participant', 'add', '--id', 'p%d' % n)
            m.batch('p%d' % n)


def a_batch_that_was_added_is_served_by_the_next_call():
    with live() as m:
        while m.text('/get_batch/?participant_id=alice') != FINISHED:
            m.prove('alice')
        with busy(m):
            for n in range(TIMES):
                import_batch(m, 'more-%d' % n)
                m.prove('alice')
                assert m.text('/get_batch/?participant_id=alice') == FINISHED


def a_request_that_was_reopened_is_served_and_taken_by_the_next_call():
    with live(batches=1) as m, busy(m):
        request, file = m.batch('alice')
        body = submission(request, proof_of(m.fetch(file)))
        for _ in range(TIMES):
            operator(m, 'request', 'expire', request)
            assert m.text('/get_batch/?participant_id=alice') == FINISHED
            operator(m, 'request', 'reopen', request)
            assert m.batch('alice') == (request, file)
        operator(m, 'request', 'expire', request)
        operator(m, 'request', 'reopen', request)
        assert m.submit('alice', body) == ACCEPTED


def an_id_that_was_rotated_or_disabled_is_worth_nothing_from_the_next_call_on():
    with live() as m, busy(m):
        asked = m.batch('alice')
        before = 'alice'
        for n in range(TIMES // 2):
            operator(m, 'participant', 'rotate', '1', '--id', 'alice%d' % n)
            assert m.text('/get_batch/?participant_id=' + before) == stranger(before)
            before = 'alice%d' % n
            assert m.batch(before) == asked
        for _ in range(TIMES // 2):
            operator(m, 'participant', 'disable', '1')
            assert m.text('/get_batch/?participant_id=' + before) == stranger(before)
            operator(m, 'participant', 'enable', '1')
            assert m.batch(before) == asked


def what_nothing_names_is_listed_beside_a_server_and_removed_without_one():
    with live(ceremony=True) as m:
        m.prove('alice')
        home = m.path('server', 'blobs', '00')
        os.makedirs(home, exist_ok=True)
        with open(os.path.join(home, '00' * 32), 'wb') as f:
            f.write(b'left behind')
        listed = json.loads(done(convoke('gc', m.dir, '--json')).stdout)
        assert (listed['files'], listed['removed']) == ([], False) and listed['young'] >= 4, listed
        refused = convoke('gc', m.dir, '--remove')
        assert refused.returncode == 2 and 'stop it first' in refused.stderr, refused
        m.stop()
        done(convoke('gc', m.dir, '--remove'))
        assert os.path.exists(os.path.join(home, '00' * 32)), 'it is of today'
        m.start()
        m.prove('alice')
        done(convoke('market', 'verify', m.dir))


def import_gated(market):
    """A batch whose proofs are verified once the file `gate` is there, and are valid."""
    judge, source = market.path('judge'), market.path('gated')
    with open(judge, 'w', encoding='utf-8') as f:
        f.write('#!/bin/sh\nuntil [ -e %s ]; do /bin/sleep 0.05; done\n' % market.path('gate'))
    os.chmod(judge, stat.S_IRWXU)
    os.mkdir(source)
    with open(os.path.join(source, 'gated.batch'), 'w', encoding='ascii') as f:
        f.write('a batch')
    with open(os.path.join(source, 'gated.json'), 'w', encoding='utf-8') as f:
        json.dump({'verifier': 'exec', 'params': {'command': judge}}, f)
    operator(market, 'batch', 'import', source, '--allow-exec')


def a_batch_is_handed_out_while_verifications_take_all_their_threads():
    ids = ['p%d' % n for n in range(2 * (os.cpu_count() or 1))]
    answers = []
    with live(ids=(*ids, 'late'), batches=0) as m:
        import_gated(m)
        requests = {who: m.batch(who)[0] for who in ids}
        threads = [threading.Thread(
            target=lambda who=who: answers.append(m.submit(who, submission(requests[who], b'proof'))))
            for who in ids]
        for t in threads:
            t.start()
        until(lambda: int(m.metric('convoke_http_jobs')) == len(ids))
        _, file = m.batch('late')
        assert m.fetch(file) == b'a batch'
        assert not answers
        with open(m.path('gate'), 'wb'):
            pass
        for t in threads:
            t.join()
        assert answers == [ACCEPTED] * len(ids), answers


if __name__ == '__main__':
    tap.main(whoever_was_added_is_served_by_the_next_call,
             a_batch_that_was_added_is_served_by_the_next_call,
             a_request_that_was_reopened_is_served_and_taken_by_the_next_call,
             an_id_that_was_rotated_or_disabled_is_worth_nothing_from_the_next_call_on,
             a_batch_is_handed_out_while_verifications_take_all_their_threads,
             what_nothing_names_is_listed_beside_a_server_and_removed_without_one)
