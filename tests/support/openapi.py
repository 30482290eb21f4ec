"""The description of the HTTP interface (api/openapi.yaml), and whether what went over a connection
agrees with it.

    described().check(Exchange('GET', '/info/status', {}, b'', 200, {...}, b'...'))

An exchange that the description does not know, or knows otherwise, is an AssertionError that says what
to add where. Parts of the description are ours (OpenAPI allows keys that begin with x-):
x-any-request holds the header fields that every answer may carry, and the answers that any request
may get before it reaches an operation (bad framing, a full house); x-any-slashes lists the paths of which
several slashes in a row are one; x-may-be-empty says of an answer that it may come without its content.

Schemas are those of OpenAPI 3.0: JSON Schema draft 4, and `nullable`. Standard library, PyYAML and
jsonschema only.
"""
import collections
import functools
import gzip
import json
import os
import re
import urllib.parse

import jsonschema
import yaml

PATH = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', '..', 'api', 'openapi.yaml')
METHODS = ('get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace')

Exchange = collections.namedtuple('Exchange', 'method target request_fields request_body '
                                              'status fields body')
Exchange.__doc__ = """Names of fields in lower case. request_body is None where not all of it is known."""


class UniqueKeyLoader(yaml.SafeLoader):
    """A key that stands twice in a mapping is an error; YAML's usual readers take the last."""

    def construct_mapping(self, node, deep=False):
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        assert len(set(keys)) == len(keys), 'a key stands twice near line %d: %s' % (
            node.start_mark.line + 1, sorted(k for k in keys if keys.count(k) > 1))
        return super().construct_mapping(node, deep)


def resolved(value, root, within=()):
    """`value` with every $ref replaced by what it names; a circle is an error."""
    if isinstance(value, list):
        return [resolved(v, root, within) for v in value]
    if not isinstance(value, dict):
        return value
    if '$ref' not in value:
        return {k: resolved(v, root, within) for k, v in value.items()}
    ref = value['$ref']
    assert set(value) == {'$ref'}, '%s: keys beside a $ref mean nothing' % ref
    assert ref not in within, '%s refers to itself' % ref
    assert ref.startswith('#/'), '%s: only this document is referred to' % ref
    target = root
    for name in ref[2:].split('/'):
        name = name.replace('~1', '/').replace('~0', '~')
        assert isinstance(target, dict) and name in target, '%s names nothing' % ref
        target = target[name]
    return resolved(target, root, within + (ref,))


def json_schema(schema):
    """A schema of OpenAPI 3.0 as JSON Schema draft 4: only `nullable` must be said otherwise."""
    if isinstance(schema, list):
        return [json_schema(s) for s in schema]
    if not isinstance(schema, dict):
        return schema
    made = {k: json_schema(v) for k, v in schema.items() if k not in ('nullable', 'example')}
    return {'anyOf': [made, {'type': 'null'}]} if schema.get('nullable') is True else made


@functools.lru_cache(maxsize=None)
def validator(text):
    schema = json_schema(json.loads(text))
    return jsonschema.Draft4Validator(schema, format_checker=jsonschema.FormatChecker())


def misfit(schema, value):
    """Why the value does not fit; None: it does."""
    error = jsonschema.exceptions.best_match(
        validator(json.dumps(schema, sort_keys=True)).iter_errors(value))
    if error is None:
        return None
    return '%s: %s' % ('/'.join(str(p) for p in error.absolute_path) or '(top)', error.message[:500])


def from_text(schema, text):
    """A header field's or a parameter's value as its schema's type."""
    try:
        return {'integer': int, 'number': float}.get(schema.get('type'), str)(text)
    except ValueError:
        return text


def media_type(value):
    """Its name; application/x+json is JSON."""
    name = (value or '').split(';')[0].strip().lower()
    return 'application/json' if re.fullmatch(r'application/[\w.-]+\+json', name) else name


class Description:
    def __init__(self, text):
        self.source = yaml.load(text, UniqueKeyLoader)  # nosec: a SafeLoader
        self.all = resolved(self.source, self.source)
        self.any_request = self.all['x-any-request']
        self.any_slashes = self.all.get('x-any-slashes', [])
        self.paths = [(self.pattern(path), path, item) for path, item in
                      sorted(self.all['paths'].items(), key=lambda p: p[0].count('{'))]

    @staticmethod
    def pattern(path):
        names = re.split(r'(\{\w+\})', path.rstrip('/'))
        return re.compile(''.join('(?P<%s>[^/]+)' % n[1:-1] if n.startswith('{') else re.escape(n)
                                  for n in names) + '/?')

    def find(self, path):
        for pattern, name, item in self.paths:
            match = pattern.fullmatch(re.sub('/+', '/', path) if name in self.any_slashes else path)
            if match:
                return item, match.groupdict()
        return None, {}

    def check(self, e):
        path, _, query = e.target.partition('?')
        item, in_path = self.find(path)
        try:
            self.check_item(e, item, in_path, query)
        except AssertionError as why:
            raise AssertionError('%s %s, answered %d, is not as api/openapi.yaml says: %s (mend the one '
                                 'or the other; docs/PROTOCOLS.md too)' %
                                 (e.method, e.target[:100], e.status, why)) from None

    def check_item(self, e, item, in_path, query):
        method = 'get' if e.method == 'HEAD' else e.method.lower()
        operation = (item or {}).get(method)
        if operation is None:
            expected = 404 if item is None else 204 if e.method == 'OPTIONS' else 405
            answer = self.any_request['responses'].get(str(e.status))
            assert answer and e.status in (expected, 400, 413, 431, 503), \
                'there is no such %s under paths' % ('path' if item is None else 'method')
            self.check_answer(e, answer)
            return
        general = {status: answer for status, answer in self.any_request['responses'].items()
                   if status not in operation.get('x-never', ())}
        answers = [a[str(e.status)] for a in (operation['responses'], general) if str(e.status) in a]
        assert answers, 'the status is not listed'
        self.check_answers(e, answers)
        if e.status < 400:
            self.check_request(e, operation, item, in_path, query)

    def check_answers(self, e, answers):
        """The operation's own, or one that any request may get: one of them must fit."""
        try:
            self.check_answer(e, answers[0])
        except AssertionError:
            if len(answers) == 1:
                raise
            try:
                self.check_answer(e, answers[1])
                return
            except AssertionError:
                pass
            raise

    def check_answer(self, e, answer):
        own, general = answer.get('headers', {}), self.any_request['headers']
        headers = {name.lower(): h for name, h in {**general, **own}.items()}
        for name, value in e.fields.items():
            assert name in headers, 'the header field %s is not listed' % name
            schema = headers[name]['schema']
            why = misfit(schema, from_text(schema, value))
            assert why is None, 'header field %s: %s' % (name, why)
        for name, header in headers.items():
            assert name in e.fields or not header.get('required'), \
                'the header field %s is absent' % name
        if e.method == 'HEAD':
            return
        content = answer.get('content')
        if not content:
            assert not e.body, 'no content is listed, but there is some'
            return
        kind = media_type(e.fields.get('content-type'))
        if answer.get('x-may-be-empty') and not kind and not e.body:
            return
        assert kind in content, 'the content type %s is not listed' % kind
        if e.status != 206:  # a part of a document is not a document
            self.check_body(kind, content[kind].get('schema', {}), e.body, e.fields, 'the answer')

    @staticmethod
    def check_body(kind, schema, body, fields, what):
        if kind == 'text/plain' and body is not None:
            why = misfit(schema, body.decode())
            assert why is None, '%s does not fit its schema: %s' % (what, why)
        if kind != 'application/json' or body is None:
            return
        if fields.get('content-encoding') == 'gzip':
            body = gzip.decompress(body)
        try:
            value = json.loads(body)
        except ValueError as why:
            raise AssertionError('%s is not JSON: %s' % (what, why)) from None
        why = misfit(schema, value)
        assert why is None, '%s does not fit its schema: %s' % (what, why)

    def check_request(self, e, operation, item, in_path, query):
        """What is accepted must be described too."""
        if operation.get('security', self.all.get('security')):
            assert e.request_fields.get('authorization', '').lower().startswith('bearer '), \
                'it was accepted without a session'
        given = dict(urllib.parse.parse_qsl(query, keep_blank_values=True))
        parameters = item.get('parameters', []) + operation.get('parameters', [])
        values = {'path': in_path, 'query': given, 'header': e.request_fields}
        for p in parameters:
            name = p['name'].lower() if p['in'] == 'header' else p['name']
            value = values[p['in']].get(name)
            assert value is not None or not p.get('required'), 'accepted without %s' % p['name']
            why = None if value is None else misfit(p['schema'], from_text(p['schema'], value))
            assert why is None, 'parameter %s: %s' % (p['name'], why)
        extra = set(given) - {p['name'] for p in parameters if p['in'] == 'query'} - \
            set(self.any_request['ignored'])
        assert not extra, 'parameters that are not listed: %s' % sorted(extra)
        self.check_request_body(e, operation.get('requestBody', {}))

    def check_request_body(self, e, described_body):
        content = described_body.get('content', {})
        kind = media_type(e.request_fields.get('content-type'))
        if not content or e.request_body is None:
            return
        if not e.request_body and not described_body.get('required'):
            return
        assert kind in content or '*/*' in content, 'a request body of type "%s" was accepted' % kind
        schema, body = content.get(kind, content.get('*/*')).get('schema', {}), e.request_body
        if kind == 'application/x-www-form-urlencoded':
            body = json.dumps(dict(urllib.parse.parse_qsl(body.decode(), keep_blank_values=True)))
            kind = 'application/json'
        self.check_body(kind, schema, body, {}, 'the request')


@functools.lru_cache(maxsize=None)
def described():
    """The project's own."""
    with open(PATH, encoding='utf-8') as f:
        return Description(f.read())
