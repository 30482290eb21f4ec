"""src/http speaking TLS (probe_server.c): what it offers, and that all works as over plain sockets."""
import os
import socket
import ssl
import sys
import warnings

sys.path.insert(0, os.path.join(os.path.dirname(__file__), '..', 'support'))
import tap  # noqa: E402
import probe  # noqa: E402
import test_http  # noqa: E402
import test_http_bad  # noqa: E402
import test_http_streams  # noqa: E402
from certificate import Certificate  # noqa: E402
from http_probe import hang_up, read_all, read_reply, until  # noqa: E402
from probe import HELLO, STREAM, Stream, report  # noqa: E402


class Running(probe.Running):
    """As of plain sockets, with a certificate of its own."""

    def __enter__(self):
        self.certificate = Certificate().__enter__()
        self.limits['env'] = {**self.limits.get('env', {}), 'PROBE_TLS_CERT': self.certificate.cert,
                              'PROBE_TLS_KEY': self.certificate.key}
        return super().__enter__()

    def __exit__(self, *how):
        self.certificate.__exit__()
        return super().__exit__(*how)

    def start(self):
        return probe.start(tls=self.certificate.context, **self.limits)


# Each of these is run as it is, only that its server and its clients speak TLS.
PLAIN = {
    test_http: ('a_request_is_answered_with_the_common_headers', 'connections_are_kept_alive',
                'bodies_arrive_whole_in_both_framings', 'a_wanted_body_is_asked_for',
                'an_early_refusal_answers_a_client_that_asks_first',
                'others_are_served_while_jobs_run',
                'a_client_that_hangs_up_while_its_job_runs_harms_nothing',
                'a_client_that_hangs_up_while_parked_is_found_by_the_wake',
                'parked_requests_take_neither_threads_nor_jobs',
                'a_file_is_sent_whole_in_part_or_not_at_all', 'a_stop_answers_those_that_wait'),
    test_http_bad: ('the_gate_says_why', 'a_body_over_the_limit_is_answered_413',
                    'pipelined_requests_are_answered_in_their_order',
                    'silent_connections_are_cut_off', 'a_trickling_upload_is_cut_off',
                    'in_a_crowd_connections_are_not_kept'),
    test_http_streams: ('a_stream_tells_what_comes_when_it_comes',
                        'a_stream_that_ends_leaves_its_connection_in_use',
                        'a_client_of_a_stream_that_hung_up_is_found_by_the_next_wake',
                        'a_client_that_takes_nothing_of_a_stream_is_cut_off',
                        'a_stop_ends_streams'),
}


def over_tls(module, name):
    def run():
        plain, module.Running = module.Running, Running
        try:
            getattr(module, name)()
        finally:
            module.Running = plain
    run.__name__ = name
    return run


def tls_1_3_and_1_2_are_spoken_with_forward_secrecy():
    with Running() as s, s.connect() as c:
        assert c.version() == 'TLSv1.3', c.version()
        s.tls.maximum_version = ssl.TLSVersion.TLSv1_2
        with s.connect() as older:
            assert older.version() == 'TLSv1.2' and older.cipher()[0].startswith('ECDHE'), older.cipher()
            older.sendall(HELLO)
            assert read_reply(older)[2] == b'hello'


def nothing_older_is_spoken():
    with Running() as s:
        s.tls.set_ciphers('ALL:@SECLEVEL=0')
        with warnings.catch_warnings():
            warnings.simplefilter('ignore', DeprecationWarning)
            s.tls.minimum_version = ssl.TLSVersion.TLSv1
            s.tls.maximum_version = ssl.TLSVersion.TLSv1_1
        try:
            s.connect()
        except (ssl.SSLError, OSError):
            return
        raise AssertionError('TLS 1.1 was spoken')


def a_client_that_speaks_plainly_gets_nothing():
    with Running() as s:
        with socket.create_connection(('127.0.0.1', s.port)) as c:
            c.sendall(HELLO)
            assert b'hello' not in read_all(c)
        assert s.get('/hello')[0] == 200


def a_handshake_that_stands_still_is_cut_off():
    with Running(head_ms=300) as s:
        with socket.create_connection(('127.0.0.1', s.port)) as c:
            c.sendall(b'\x16\x03\x01\x02\x00\x01')
            assert read_all(c) == b''
        assert s.get('/hello')[0] == 200


def a_client_that_takes_leave_of_a_stream_is_found_by_the_next_wake():
    """Its farewell lies unread before the end of the connection."""
    with Running() as s:
        c = Stream(s, STREAM)
        until(lambda: report(s)['streams'] == 1)
        c.file.close()
        c.socket.settimeout(0)
        try:
            c.socket.unwrap()
        except (ssl.SSLError, OSError):
            pass  # nobody says farewell to it
        hang_up(c.socket)
        s.post('/publish')
        until(lambda: report(s)['streams'] == 0)
        assert report(s)['cut'] == 1


if __name__ == '__main__':
    tap.main(*(over_tls(module, name) for module, names in PLAIN.items() for name in names),
             tls_1_3_and_1_2_are_spoken_with_forward_secrecy,
             nothing_older_is_spoken,
             a_client_that_speaks_plainly_gets_nothing,
             a_handshake_that_stands_still_is_cut_off,
             a_client_that_takes_leave_of_a_stream_is_found_by_the_next_wake)
