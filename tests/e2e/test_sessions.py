"""Sessions over the server's ends, its operator's commands, and their owners' logging out."""
import os
import signal
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), '..', 'support'))
import tap  # noqa: E402
from ceremony import convoke, done  # noqa: E402
from http_probe import until  # noqa: E402
from kzg_server import BUSY, INVALID, NOT_YOUR_TURN, UNKNOWN, KzgServer, bearer, error  # noqa: E402

GONE = (401, error('SessionError::UnknownSessionId', 'unknown session id'))


def log_out(s, session):
    return s.json('POST', '/logout', bearer(session))


def sessions_outlive_a_kill():
    with KzgServer() as s:
        holder, waiting = s.newcomer(), s.newcomer()
        s.take_turn(holder)

        s.stop(signal.SIGKILL)
        s.start()

        s.take_turn(holder)
        assert s.ask(waiting) == BUSY


def who_has_logged_out_stays_so_after_a_kill():
    with KzgServer() as s:
        invitation = s.invite()[0]
        first = s.session(invitation)
        assert log_out(s, first) == (200, {})

        s.stop(signal.SIGKILL)
        s.start()

        assert s.ask(first) == UNKNOWN
        second = s.session(invitation)
        assert second != first
        assert s.ask(first) == UNKNOWN
        s.take_turn(second)
        assert s.session(invitation) == second, 'another session'


def logging_out_needs_a_session_that_lives():
    with KzgServer() as s:
        session = s.newcomer()
        assert s.json('POST', '/logout') == INVALID
        assert s.json('POST', '/logout', bearer('00000000-0000-4000-8000-000000000000')) == GONE
        assert log_out(s, session) == (200, {})
        assert log_out(s, session) == GONE
        assert s.get('/logout')[0] == 405


def a_turn_is_given_up_by_logging_out():
    with KzgServer() as s:
        holder, waiting = s.newcomer(), s.newcomer()
        contribution = s.prepare(holder)
        assert s.ask(waiting) == BUSY

        assert log_out(s, holder) == (200, {})

        assert s.give(holder, contribution) == NOT_YOUR_TURN
        s.take_turn(waiting)
        assert s.json('GET', '/ceremony/status')[1]['aborted'] == 1


def a_poll_that_sleeps_is_answered_when_its_owner_logs_out():
    with KzgServer('entry=fifo', 'checkin_shortest_s=1') as s:
        holder, waiting = s.newcomer(), s.newcomer()
        s.take_turn(holder)
        with s.connect() as c:
            c.sendall(('POST /lobby/try_contribute HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n%s'
                       '\r\n\r\n' % bearer(waiting)).encode())
            until(lambda: s.json('GET', '/ceremony/status')[1]['waiting'] == 1)
            began = time.monotonic()

            assert log_out(s, waiting) == (200, {})

            assert c.recv(12) in (b'HTTP/1.1 200', b'HTTP/1.1 401')
            assert time.monotonic() - began < 15, 'it slept on'
        assert s.json('GET', '/ceremony/status')[1]['waiting'] == 0


def who_is_banned_beside_the_server_has_no_session_there():
    with KzgServer() as s:
        invitation, identity = s.invite()
        holder, banned = s.newcomer(), s.session(invitation)
        s.take_turn(holder)
        assert s.ask(banned) == BUSY

        done(convoke('participant', 'ban', s.dir, identity.strip(), '--reason', 'two-accounts'))

        until(lambda: s.ask(banned) == UNKNOWN)


if __name__ == '__main__':
    tap.main(sessions_outlive_a_kill,
             who_has_logged_out_stays_so_after_a_kill,
             logging_out_needs_a_session_that_lives,
             a_turn_is_given_up_by_logging_out,
             a_poll_that_sleeps_is_answered_when_its_owner_logs_out,
             who_is_banned_beside_the_server_has_no_session_there)
