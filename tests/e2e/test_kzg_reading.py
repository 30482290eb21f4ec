"""A directory of which something cannot be read, or that somebody else serves: the server says what
is wrong and what to do, damages nothing, and goes on once it is mended."""
import os
import shutil
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), '..', 'support'))
import tap  # noqa: E402
from ceremony import CONVOKE, convoke, done  # noqa: E402
from http_probe import until  # noqa: E402
from kzg_server import Holder  # noqa: E402


def missing(path):
    os.remove(path)


def a_directory(path):
    os.remove(path)
    os.mkdir(path)


def damaged(path):
    """Longer than any header, as long as before."""
    with open(path, 'r+b') as f:
        middle = os.path.getsize(path) // 2
        f.seek(middle)
        f.write(b'\0' * min(4096, middle))


def empty(path):
    os.truncate(path, 0)


def put_back(kept, path):
    if os.path.isdir(path):
        os.rmdir(path)
    shutil.copy(kept, path)


def finished_turn(s):
    """The answer to the contribution; nothing made from it is kept."""
    status, answer = s.hand_in()
    assert status == 200, answer
    s.stop()
    shutil.rmtree(s.path('server', 'cache'))
    os.mkdir(s.path('server', 'cache'))
    return answer


def an_accepted_contribution_that_cannot_be_read_is_told_and_can_be_put_back():
    for harm in (missing, a_directory, empty, damaged):
        with Holder() as s:
            answer = finished_turn(s)
            blob, kept = s.path('server', s.stored()[0]), s.path('kept')
            shutil.copy(blob, kept)
            harm(blob)
            if s.starts():
                assert s.get('/receipt/1')[0] == 200, harm
                assert s.get('/info/current_state')[0] >= 500, harm
                assert s.process.poll() is None, harm
                s.stop()
            else:
                assert 'convoke: serve: ' in s.log(), s.log()
            put_back(kept, blob)
            s.start()
            assert s.hand_in() == (200, answer), harm
            s.check_transcript()


def a_database_that_cannot_be_read_is_told_and_can_be_put_back():
    for harm in (missing, a_directory, empty):
        with Holder() as s:
            answer = finished_turn(s)
            database, kept = s.path('server', 'convoke.db'), s.path('kept')
            shutil.copy(database, kept)
            harm(database)
            before = os.listdir(s.dir)
            assert not s.starts(), harm
            assert 'convoke: serve: ' in s.log(), s.log()
            assert os.listdir(s.dir) == before, 'something was made in its place'
            put_back(kept, database)
            s.start()
            assert s.hand_in() == (200, answer), harm


def files_that_belong_to_somebody_else_are_told():
    if os.geteuid() != 0:
        raise tap.Skip('only root can become another')
    with Holder(serving=False) as s:
        os.chmod(s.root, 0o755)
        got = subprocess.run(
            ['setpriv', '--reuid=65534', '--clear-groups', os.path.abspath(CONVOKE), 'serve',
             s.dir, '--listen', '127.0.0.1:0'], capture_output=True, text=True, check=False,
            timeout=60)
        if 'setpriv' in got.stderr or 'exec' in got.stderr:
            raise tap.Skip('cannot become another here: ' + got.stderr.strip())
        assert got.returncode == 2 and 'ermission denied' in got.stderr, got


def the_operators_commands_work_beside_a_server_and_a_second_server_does_not():
    with Holder() as s:
        backup = subprocess.Popen([CONVOKE, 'backup', s.dir, s.path('backup')],
                                  stdout=subprocess.DEVNULL)
        second = convoke('serve', s.dir, '--listen', '127.0.0.1:0')
        assert second.returncode == 2 and 'stop it first' in second.stderr, second.stderr
        assert s.hand_in()[0] == 200
        assert backup.wait(60) == 0
        done(convoke('invite', s.dir))
        done(convoke('ceremony', 'status', s.dir))
        done(convoke('participant', 'list', s.dir))
        done(convoke('ceremony', 'export', s.dir, s.path('public'), '--brief'))
        until(lambda: s.count() == 1)


if __name__ == '__main__':
    tap.main(an_accepted_contribution_that_cannot_be_read_is_told_and_can_be_put_back,
             a_database_that_cannot_be_read_is_told_and_can_be_put_back,
             files_that_belong_to_somebody_else_are_told,
             the_operators_commands_work_beside_a_server_and_a_second_server_does_not)
