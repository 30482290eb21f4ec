"""Disks without space, under a running server."""
import contextlib
import os
import resource
import subprocess

import tap


class SmallDisk:
    """A file system of `size` over a server's directory, before the server starts."""

    def __init__(self, s, size='1m'):
        self.at, aside = s.dir, s.path('aside')
        os.rename(s.dir, aside)
        os.mkdir(s.dir)
        mount = ['mount', '-t', 'tmpfs', '-o', 'size=' + size, 'convoke-test', s.dir]
        if os.geteuid() != 0 or subprocess.run(mount, capture_output=True, check=False).returncode:
            os.rmdir(s.dir)
            os.rename(aside, s.dir)
            raise tap.Skip('cannot mount a file system here')
        subprocess.run(['cp', '-a', aside + '/.', s.dir], check=True)
        self.ballast = os.path.join(s.dir, 'ballast')

    def __enter__(self):
        return self

    def __exit__(self, *_):
        subprocess.run(['umount', '-l', self.at], check=True)

    def fill(self, left):
        """Until there are `left` bytes."""
        with open(self.ballast, 'ab', buffering=0) as f:
            with contextlib.suppress(OSError):
                while f.write(b'\0' * 4096):
                    pass
            f.truncate(max(0, f.tell() - left))

    def free(self):
        os.remove(self.ballast)


class FileLimit:
    """The same without a file system of its own: no file of the server's may grow beyond a size. It
    holds for the process that runs when it is set."""

    def __init__(self, s):
        self.s = s
        if not hasattr(resource, 'prlimit'):
            raise tap.Skip('no prlimit here')

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass

    def fill(self, left):
        self.limit(left)

    def free(self):
        self.limit(resource.RLIM_INFINITY)

    def limit(self, size):
        resource.prlimit(self.s.process.pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))


def small_disk(s, size):
    """(what it is, in words; the disk): a file system where one may be mounted."""
    try:
        return 'a file system of ' + size, SmallDisk(s, size)
    except tap.Skip:
        return 'a limit on the size of files', FileLimit(s)
