"""The text that Prometheus reads (exposition format 0.0.4), read strictly: what a reader might
understand otherwise, or not at all, is an error."""
import re

NAME = r'[a-zA-Z_:][a-zA-Z0-9_:]*'
LABELS = r'\{((?:[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\["\\n])*",?)*)\}'
SAMPLE = re.compile(r'(%s)(?:%s)? (-?[0-9]+(?:\.[0-9]+)?(?:e[+-]?[0-9]+)?|\+Inf|NaN)' % (NAME, LABELS))
LABEL = re.compile(r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"')
TYPES = ('counter', 'gauge', 'histogram')


class Metrics:
    """m['name'], or m['name', 'label', 'value']; .types by name."""

    def __init__(self, text):
        assert text.endswith('\n') and '\r' not in text and '\n\n' not in text
        self.types, self.samples, self.names, self.helped = {}, {}, [], None
        for line in text.splitlines():
            self.line(line)
        for name, kind in self.types.items():
            assert name in self.names, '%s has no sample' % name
            assert (kind == 'counter') == name.endswith('_total') or kind == 'histogram', name
            if kind == 'histogram':
                self.histogram(name)

    def __getitem__(self, key):
        key = key if isinstance(key, tuple) else (key,)
        return self.samples[key]

    def line(self, line):
        if line.startswith('# HELP '):
            name, text = line[7:].split(' ', 1)
            assert re.fullmatch(NAME, name) and text.endswith('.') and self.helped is None, line
            self.helped = name
        elif line.startswith('# TYPE '):
            name, kind = line[7:].split(' ')
            assert name == self.helped and kind in TYPES and name not in self.types, line
            self.types[name], self.helped = kind, None
        else:
            self.sample(line)

    def sample(self, line):
        match = SAMPLE.fullmatch(line)
        assert match and self.helped is None, line
        name, labels, value = match[1], match[2] or '', match[3]
        pairs = LABEL.findall(labels)
        assert ','.join('%s="%s"' % p for p in pairs) == labels, line
        assert len(dict(pairs)) == len(pairs), line
        self.group(name)
        key = (name,) + tuple(x for p in pairs for x in p)
        assert key not in self.samples, line
        self.samples[key] = float(value.replace('Inf', 'inf'))

    def group(self, name):
        """All samples of a metric stand together, behind its head, which is the newest."""
        newest = list(self.types)[-1]
        ends = ('_bucket', '_sum', '_count') if self.types[newest] == 'histogram' else ('',)
        assert name in [newest + e for e in ends], '%s stands under %s' % (name, newest)
        self.names.append(newest)

    def histogram(self, name):
        buckets = [(float(k[2].replace('Inf', 'inf')), v) for k, v in self.samples.items()
                   if k[0] == name + '_bucket' and k[1] == 'le' and len(k) == 3]
        assert buckets == sorted(buckets) and buckets[-1][0] == float('inf'), buckets
        assert [v for _, v in buckets] == sorted(v for _, v in buckets), buckets
        assert buckets[-1][1] == self.samples[name + '_count',], name
        assert self.samples[name + '_sum',] >= 0, name
