"""`convoke serve` as an operator meets it: SIGTERM finishes what runs,
and what was answered stands after the next start."""
import contextlib
import json
import os
import signal
import sys
import urllib.request

sys.path.insert(0, os.path.join(os.path.dirname(__file__), '..', 'support'))
import tap  # noqa: E402
from certificate import Certificate  # noqa: E402
from http_probe import read_reply, until  # noqa: E402
from kzg_server import JSON, KzgServer, bearer, compact, vectors  # noqa: E402


def refuses_new_clients(s):
    try:
        s.connect().close()
        return False
    except (ConnectionRefusedError, ConnectionResetError):  # reset: closed while it was taken
        return True


def begin_upload(s, session, contribution):
    """A connection on which the server waits for the body."""
    c = s.connect()
    c.sendall(b'POST /contribute HTTP/1.1\r\nHost: h\r\n%s\r\nContent-Length: %d\r\n'
              b'Expect: 100-continue\r\n%s\r\n\r\n' %
              (JSON.encode(), len(contribution), bearer(session).encode()))
    assert c.recv(100).startswith(b'HTTP/1.1 100'), 'the body is not wanted'
    return c


def sigterm_finishes_an_upload_and_its_verification():
    contribution = compact(vectors()['contribution_A'])
    with KzgServer() as s:
        session = s.newcomer()
        s.take_turn(session)
        with begin_upload(s, session, contribution) as c:
            s.process.send_signal(signal.SIGTERM)
            until(lambda: refuses_new_clients(s))
            c.sendall(contribution)
            status, fields, body = read_reply(c)
        assert status == 200 and fields['connection'].lower() == 'close', (status, body)
        assert s.process.wait(60) == 0
        s.start()
        assert s.count() == 1
        assert s.get('/receipt/1')[2] == body
        assert json.loads(body)['signature']


def sigterm_ends_idle_connections_at_once():
    with KzgServer() as s, s.connect() as c:
        c.sendall(b'GET /health HTTP/1.1\r\nHost: h\r\n\r\n')
        assert read_reply(c)[0] == 200
        assert s.stop() == 0
        assert c.recv(100) == b''


def a_stopped_server_keeps_sessions_and_the_turn():
    contribution = compact(vectors()['contribution_A'])
    with KzgServer() as s:
        session = s.newcomer()
        base = s.take_turn(session)
        assert s.stop() == 0
        s.start()
        assert s.take_turn(session) == base
        assert s.give(session, contribution)[0] == 200


def one_status_each(s, address):
    """Is a request through the proxy for this address still within one a minute?"""
    return s.get('/info/status', 'X-Forwarded-For: 127.0.0.1, ' + address)[0]


def clients_behind_a_trusted_proxy_are_limited_one_by_one():
    options = ['--rates', '0,0,0,1', '--trusted-proxies', '127.0.0.1, 10.0.0.0/8']
    with KzgServer(options=options) as s:
        assert one_status_each(s, '198.51.100.7') == 200
        assert one_status_each(s, '198.51.100.7, 10.1.2.3') == 429
        assert one_status_each(s, '198.51.100.8') == 200
        assert one_status_each(s, '2001:db8:0:1::1') == 200
        assert one_status_each(s, '2001:db8:0:1::2') == 429
        assert one_status_each(s, '2001:db8:0:2::1') == 200


def forwarded_addresses_of_others_are_not_believed():
    options = ['--rates', '0,0,0,1', '--rate-loopback', '--trusted-proxies', '10.0.0.0/8']
    with KzgServer(options=options) as s:
        assert one_status_each(s, '198.51.100.7') == 200
        assert one_status_each(s, '198.51.100.8') == 429


def a_wrong_list_of_proxies_is_told():
    with KzgServer(serving=False) as s:
        s.options = ['--trusted-proxies', '10.0.0.1/8']
        assert not s.starts()
        assert "the trusted proxy '10.0.0.1/8' has address bits behind its length" in s.log()


def too_few_descriptors_are_told_and_lived_with():
    with KzgServer(serving=False) as s:
        s.prefix = ['sh', '-c', 'ulimit -n 200 && exec "$@"', 'sh']
        s.start()
        with contextlib.ExitStack() as stack:
            for _ in range(90):
                stack.enter_context(s.connect())
            assert s.get('/health')[0] == 200
        assert 'event=http.few_descriptors have=200 want=8704 connections=100' in s.log(), s.log()


@contextlib.contextmanager
def encrypted():
    """A server with a certificate of its own, which still needs to be started."""
    with Certificate() as c, KzgServer(serving=False) as s:
        s.options = ['--tls-cert', c.cert, '--tls-key', c.key]
        s.certificate = c
        yield s


def https_get(s, path):
    with urllib.request.urlopen('https://localhost:%d%s' % (s.port, path),
                                context=s.certificate.context) as answer:
        return answer.read()


def with_a_certificate_it_speaks_https_and_says_so():
    with encrypted() as s:
        s.start()
        until(lambda: 'listening on https://127.0.0.1:%d' % s.port in s.log())
        links = json.loads(https_get(s, '/auth/request_link'))
        assert links['eth_auth_url'].startswith('https://localhost:%d/' % s.port), links
        assert s.stop() == 0


def files_for_https_that_are_wrong_are_told():
    with encrypted() as s, Certificate() as other, \
            Certificate('-passout', 'pass:secret') as locked:
        good = s.certificate
        empty = good.write('empty.pem', '')
        for cert, key, told in (
                (good.cert, good.key + '.not', "cannot open '%s.not': No such file" % good.key),
                (good.cert + '.not', good.key, "cannot open '%s.not': No such file" % good.cert),
                (good.dir, good.key, "'%s' is no regular file" % good.dir),
                (good.key, good.key, 'holds no certificate in PEM form'),
                (empty, good.key, 'holds no certificate in PEM form'),
                (good.cert, good.cert, 'may read the key'),
                (good.cert, other.key, 'is not that of the first certificate in'),
                (locked.cert, locked.key, 'is under a password')):
            s.options = ['--tls-cert', cert, '--tls-key', key]
            assert not s.starts() and told in s.log(), (told, s.log())
        os.chmod(good.cert, 0o600)
        s.options = ['--tls-cert', good.cert, '--tls-key', good.cert]
        assert not s.starts() and 'holds no private key in PEM form' in s.log(), s.log()
        for lone in (['--tls-cert', good.cert], ['--tls-key', good.key]):
            s.options = lone
            assert not s.starts() and '--tls-cert and --tls-key go together' in s.log(), s.log()


if __name__ == '__main__':
    tap.main(sigterm_finishes_an_upload_and_its_verification,
             sigterm_ends_idle_connections_at_once,
             a_stopped_server_keeps_sessions_and_the_turn,
             clients_behind_a_trusted_proxy_are_limited_one_by_one,
             forwarded_addresses_of_others_are_not_believed,
             a_wrong_list_of_proxies_is_told,
             too_few_descriptors_are_told_and_lived_with,
             with_a_certificate_it_speaks_https_and_says_so,
             files_for_https_that_are_wrong_are_told)
