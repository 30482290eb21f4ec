#!/usr/bin/env python3
"""A server under the load of thousands of waiting people, for an hour or SOAK_MINUTES.

    tests/soak/soak.py [--minutes N] [--sessions N]     (BUILD_DIR: where convoke was built)

Everybody checks in every 30 s over a connection of their own; whoever has the turn contributes, one
every two seconds or so. In the first half the server is ended again and again, by SIGTERM and
SIGKILL in turns; in the second it runs undisturbed, and may not grow. What counts as a failure:
an answer that no client caused (any but busy or the challenge; no answer at all, but when the server
was down), an error or a warning in the server's log, a contribution that is refused or lost, memory or
descriptors that grow, a transcript that does not verify. Latencies are told, not judged: they are
the machine's too. Exit status: 0 nothing failed, 1 something did."""
import argparse
import collections
import json
import os
import queue
import re
import signal
import subprocess
import sys
import threading
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path += [os.path.join(ROOT, 'tests', 'e2e'), os.path.join(ROOT, 'tests', 'support')]
os.environ.setdefault('BUILD_DIR', os.path.join(ROOT, 'build'))
from ceremony import convoke  # noqa: E402
from kzg_server import KzgServer  # noqa: E402

LOADER = os.path.join(os.environ['BUILD_DIR'], 'tests', 'soak', 'soak_load')
RULES = ('checkin_every_s=30', 'checkin_tolerance_s=30', 'waiting_max=100000',
         'contributions_max=0')
EVERY_S = 30
TURN_S = 2
GRACE_S = 1.5  # after a start, connections of before it may still end
GROWTH_MB = 8
GROWTH_FDS = 64


class Soak:
    def __init__(self, server, minutes, sessions):
        self.s, self.minutes, self.sessions = server, minutes, sessions
        self.failures, self.odd_while_down = [], 0
        self.answers, self.worst, self.summary = 0, [], {}
        self.down = []  # [from, until]; until None: now
        self.memory = []  # (time, MB, descriptors, life)
        self.turns, self.accepted, self.lives = queue.Queue(), 0, 1
        self.over = threading.Event()
        self.began = time.time()  # of the load, once it does

    def say(self, text):
        print('%6.0f s  %s' % (time.time() - self.began, text), flush=True)

    def fail(self, text):
        self.failures.append(text)
        if len(self.failures) <= 20:
            self.say('FAILED: ' + text)

    def was_down(self, begin, end):
        return any(begin <= (until or end) + GRACE_S and end >= at - 0.1 for at, until in self.down)

    # ---- the people ----

    def people(self):
        made = subprocess.run([LOADER, 'people', self.s.dir, str(self.sessions)], check=True,
                              stdout=subprocess.PIPE, text=True)
        path = self.s.path('sessions')
        with open(path, 'w', encoding='ascii') as f:
            f.write(made.stdout)
        return path

    def take_line(self, line):
        if 'second' in line:
            self.answers += line['answers']
            if not self.was_down(line['second'] - 1, line['second']):
                self.worst.append((line['max'], line['p99']))
        elif 'turn' in line:
            self.turns.put(line['session'])
        elif 'odd' in line:
            if line['status'] in (0, 503) and self.was_down(line['began'], line['odd']):
                self.odd_while_down += 1
            else:
                self.fail('at %.1f s a check-in (begun %.1f s before) came to %s %s %s' %
                          (line['odd'] - self.began, line['odd'] - line['began'], line['status'],
                           line['code'], line['why']))
        elif 'all' in line:
            self.summary = line

    def play(self, path):
        try:
            self.play_all(path)
        finally:
            self.over.set()

    def play_all(self, path):
        rate, seconds = self.sessions / EVERY_S, int(self.minutes * 60)
        with subprocess.Popen([LOADER, 'load', str(self.s.port), path, str(rate), str(seconds)],
                              stdout=subprocess.PIPE, text=True) as loader:
            for line in loader.stdout:
                self.take_line(json.loads(line))
        if loader.returncode != 0:
            self.fail('the load ended with status %d' % loader.returncode)

    # ---- the contributions ----

    def contribute(self, session):
        """True: accepted. What a restart cuts off is begun again."""
        begin = time.time()
        while not self.over.is_set() and time.time() - begin < 150:
            tried = time.time()
            try:
                status, answer = self.s.give(session, self.s.prepare(session))
                if status == 200:
                    self.accepted += 1
                    return
                why = '%d %s' % (status, answer)
            except (AssertionError, OSError, ValueError) as problem:
                why = '%s: %s' % (type(problem).__name__, str(problem)[:300])
            if not self.was_down(tried, time.time()) and not self.over.is_set():
                self.fail('a contribution: ' + why)
                return
            time.sleep(0.5)

    def contribute_on(self):
        while not self.over.is_set():
            try:
                session = self.turns.get(timeout=1)
            except queue.Empty:
                continue
            time.sleep(TURN_S)
            self.contribute(session)
            with self.turns.mutex:  # it asked again meanwhile
                waiting = [x for x in self.turns.queue if x != session]
                self.turns.queue = collections.deque(waiting)

    # ---- the server ----

    def watch(self):
        while not self.over.wait(1):
            process, life = self.s.process, self.lives
            try:
                with open('/proc/%d/status' % process.pid, encoding='ascii') as f:
                    rss = int(re.search(r'VmRSS:\s*(\d+)', f.read()).group(1)) / 1000
                fds = len(os.listdir('/proc/%d/fd' % process.pid))
            except (AttributeError, OSError):
                continue  # it is down
            self.memory.append((time.time(), rss, fds, life))

    def restart(self, how):
        self.down.append([time.time(), None])
        status = self.s.stop(how)
        if how == signal.SIGTERM and status != 0:
            self.fail('the server ended with status %d at SIGTERM' % status)
        self.s.start()
        self.down[-1][1] = time.time()
        self.lives += 1
        self.say('%s, and back after %.1f s' % (how.name, self.down[-1][1] - self.down[-1][0]))

    def disturb(self):
        """Ends the server, at intervals, while the first half lasts."""
        half = self.began + self.minutes * 30
        pause = max(15, min(120, self.minutes * 60 / 10))
        how = [signal.SIGTERM, signal.SIGKILL]
        while time.time() + pause < half and not self.over.wait(pause):
            self.restart(how[self.lives % 2])

    def run(self, path):
        threads = [threading.Thread(target=f) for f in (self.contribute_on, self.watch)]
        player = threading.Thread(target=self.play, args=(path,))
        self.began = time.time()
        for t in threads + [player]:
            t.start()
        self.disturb()
        while player.is_alive():
            player.join(60)
            self.say('%d check-ins answered, %d contributions, %.0f MB' %
                     (self.answers, self.accepted, self.memory[-1][1] if self.memory else 0))
        for t in threads:
            t.join()

    # ---- what came of it ----

    def judge_growth(self):
        """Of the last life: its second quarter against its end."""
        last = [m for m in self.memory if m[3] == self.lives]
        if len(last) < 20:
            self.fail('the last life is too short to tell growth')
            return
        n = len(last)
        for at, what, slack in ((1, 'MB', GROWTH_MB), (2, 'descriptors', GROWTH_FDS)):
            early = sorted(m[at] for m in last[n // 4:n // 2])[n // 8]
            late = sorted(m[at] for m in last[-n // 8:])[n // 16]
            print('  %s: %.1f in its second quarter, %.1f at its end, %.1f at most' %
                  (what, early, late, max(m[at] for m in self.memory)))
            if late > early * 1.05 + slack:
                self.fail('%s grew from %.1f to %.1f' % (what, early, late))

    def judge_log(self):
        for line in self.s.log().splitlines():
            if re.search(r'\s(error|warn)\s+event=(?!clock\.skipped)', line):
                self.fail('in the log: ' + line[:300])

    def judge_ceremony(self):
        status = self.s.stop()
        if status != 0:
            self.fail('the server ended with status %d' % status)
        count = self.s.status()['contributions']
        if count < self.accepted:
            self.fail('%d contributions have a receipt and %d are there' % (self.accepted, count))
        verified = convoke('verify', self.s.export())
        if verified.returncode != 0:
            self.fail('the transcript does not verify: ' + verified.stdout + verified.stderr)
        return count

    def report(self):
        print('\nsoak: %g minutes, %d sessions, load average %.1f %.1f %.1f' %
              ((self.minutes, self.sessions) + os.getloadavg()))
        self.judge_log()
        count = self.judge_ceremony()
        print('  %d check-ins answered; %d found the server down; %d contributions (%d receipts)' %
              (self.answers, self.odd_while_down, count, self.accepted))
        print('  restarts: %d; longest down: %.1f s' %
              (self.lives - 1, max([until - at for at, until in self.down], default=0)))
        if not self.summary:
            self.fail('the load came to no end')
            return
        print('  milliseconds, of all: median %(p50).2f, 90%% %(p90).2f, 99%% %(p99).2f, 99.9%% '
              '%(p999).2f, most %(max).2f' % self.summary)
        if self.worst:
            print('  milliseconds, in the worst second with the server up: 99%% %.2f, most %.2f' %
                  (max(w[1] for w in self.worst), max(w[0] for w in self.worst)))
        self.judge_growth()
        if self.accepted == 0:
            self.fail('nobody contributed')
        if self.answers < self.minutes * 60 * self.sessions / EVERY_S * 0.9:
            self.fail('there were only %d check-ins' % self.answers)
        print('  failures: %d' % len(self.failures))
        for text in self.failures[:50]:
            print('    ' + text)


def main():
    parser = argparse.ArgumentParser(description='a server under load, for a long time')
    parser.add_argument('--minutes', type=float, default=float(os.environ.get('SOAK_MINUTES') or 60))
    parser.add_argument('--sessions', type=int, default=10000)
    args = parser.parse_args()
    with KzgServer(*RULES, serving=False) as server:
        soak = Soak(server, args.minutes, args.sessions)
        path = soak.people()
        soak.say('%d people have signed in' % args.sessions)
        server.start()
        soak.run(path)
        soak.report()
    return 1 if soak.failures else 0


if __name__ == '__main__':
    sys.exit(main())
