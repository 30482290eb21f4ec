"""Certificates of localhost for tests, made anew by the openssl program."""
import os
import shutil
import ssl
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(__file__), '..', 'support'))
import tap  # noqa: E402

NEW = ('openssl', 'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-days', '2',
       '-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1')


class Certificate:
    """`with Certificate() as c:` c.cert and c.key are PEM files, c.context trusts it."""

    def __init__(self, *more):
        self.more = more or ('-nodes',)

    def __enter__(self):
        if shutil.which('openssl') is None:
            raise tap.Skip('no openssl program to make a certificate with')
        self.dir = tempfile.mkdtemp(prefix='convoke-tls.')
        self.cert, self.key = (os.path.join(self.dir, name) for name in ('cert.pem', 'key.pem'))
        subprocess.run([*NEW, '-keyout', self.key, '-out', self.cert, *self.more], check=True,
                       capture_output=True)
        os.chmod(self.key, 0o600)
        self.context = ssl.create_default_context(cafile=self.cert)
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.dir)

    def write(self, name, text):
        path = os.path.join(self.dir, name)
        with open(path, 'w', encoding='ascii') as f:
            f.write(text)
        return path
