"""Memory is what --memory says, and a constant, however large the files are. Its powers take longer
than other tests do: a vector must be much larger than a block."""
import os
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(__file__), '..', 'support'))
import tap  # noqa: E402
from ceremony import CONVOKE, done, convoke  # noqa: E402

ROOT = tempfile.mkdtemp(prefix='convoke-memory.')
LEAST_MB = 16
BESIDE_MB = 12  # program, threads' stacks, buffers
POWER = 16  # 25 MB on bn254; in memory the points are larger


def path(name):
    return os.path.join(ROOT, name)


def peak_mb(*args):
    """Of a command that succeeds; never less than this program's own, from which it is forked."""
    process = subprocess.Popen([CONVOKE, *(str(a) for a in args)], stdin=subprocess.DEVNULL,
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    assert status == 0, (args, status)
    return used.ru_maxrss / 1024


def begin():
    if peak_mb('version') > LEAST_MB + BESIDE_MB:
        raise tap.Skip('the program is large here: a sanitizer has memory of its own')
    if not os.path.exists(path('new')):
        done(convoke('ptau', 'new', 'bn254', POWER, path('new')))


def peaks(*args):
    """With the least memory, and with enough."""
    return [peak_mb(*args, '--threads', 2, '--memory', mb) for mb in (LEAST_MB, 256)]


def a_challenge_is_made_in_little_memory():
    begin()
    little, much = peaks('ptau', 'export-challenge', path('new'), path('challenge'))
    assert little <= LEAST_MB + BESIDE_MB, (little, much)


def a_contribution_is_made_and_verified_in_little_memory():
    begin()
    little = peak_mb('ptau', 'contribute', path('new'), path('given'), '--threads', 2, '--memory',
                     LEAST_MB)
    assert little <= LEAST_MB + BESIDE_MB, little
    little, much = peaks('ptau', 'verify', path('given'))
    assert little <= LEAST_MB + BESIDE_MB < much, (little, much)


def a_response_is_imported_in_little_memory():
    begin()
    if not os.path.exists(path('challenge')):
        done(convoke('ptau', 'export-challenge', path('new'), path('challenge')))
    peak = peak_mb('ptau', 'respond', path('challenge'), path('response'), '--memory', LEAST_MB)
    assert peak <= LEAST_MB + BESIDE_MB, peak
    peak = peak_mb('ptau', 'import-response', path('new'), path('response'), path('given'),
                   '--memory', LEAST_MB)
    assert peak <= LEAST_MB + BESIDE_MB, peak


try:
    tap.main(a_challenge_is_made_in_little_memory,
             a_contribution_is_made_and_verified_in_little_memory,
             a_response_is_imported_in_little_memory)
finally:
    shutil.rmtree(ROOT)
