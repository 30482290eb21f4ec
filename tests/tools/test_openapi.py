"""api/openapi.yaml is a description in good order, and what checks exchanges against it finds faults."""
import copy
import json
import os
import re

import jsonschema
import openapi
import recorded
import tap

SCHEMA_KEYS = {'type', 'properties', 'required', 'additionalProperties', 'items', 'oneOf', 'anyOf',
               'allOf', 'enum', 'pattern', 'format', 'minimum', 'maximum', 'minLength', 'maxLength',
               'minItems', 'maxItems', 'nullable', 'description', 'example'}
OPERATION_KEYS = {'operationId', 'tags', 'summary', 'description', 'security', 'parameters',
                  'requestBody', 'responses', 'deprecated', 'x-never'}
GENERAL = {'x-request-id': '7', 'x-content-type-options': 'nosniff', 'cache-control': 'no-store',
           'access-control-allow-origin': '*', 'access-control-expose-headers': '*',
           'content-type': 'application/json'}
STATUS = {'lobby_size': 0, 'num_contributions': 1, 'sequencer_address': '0x' + '12' * 20}
RECEIPT = {'receipt': '{}', 'signature': '0' * 130}
REFUSAL = {'code': 'ContributeError::NotUsersTurn', 'error': 'not your turn to participate'}

# What the checker is tried with: a description that stays as it is.
SMALL = openapi.Description('''
security: [{session: []}]
x-any-request:
  ignored: [x]
  headers:
    X-Request-Id: {required: true, schema: {type: integer}}
    X-Content-Type-Options: {schema: {type: string, enum: [nosniff]}}
    Access-Control-Allow-Origin: {required: true, schema: {type: string}}
    Access-Control-Expose-Headers: {schema: {type: string}}
    Cache-Control: {schema: {type: string}}
    Content-Type: {schema: {type: string}}
    Content-Length: {schema: {type: integer}}
  responses:
    '404': {content: {text/html: {}}}
x-any-slashes: [/text]
paths:
  /text:
    get:
      security: []
      responses: {'200': {content: {text/plain: {schema: {type: string, enum: ['yes']}}}}}
    post:
      requestBody: {content: {'*/*': {schema: {type: string}}}}
      security: []
      responses: {'200': {x-may-be-empty: true, content: {text/plain: {}}}}
  /info/status:
    get:
      security: []
      responses:
        '200':
          content:
            application/json:
              schema:
                type: object
                required: [lobby_size, num_contributions, sequencer_address]
                additionalProperties: false
                properties:
                  lobby_size: {type: integer}
                  num_contributions: {type: integer}
                  sequencer_address: {type: string}
  /receipt/{index}:
    get:
      security: []
      parameters: [{name: index, in: path, required: true, schema: {type: integer}}]
      responses: {'200': {content: {application/json: {schema: {type: object}}}}}
  /contribute:
    post:
      requestBody:
        content: {application/json: {schema: {type: object, required: [contributions]}}}
      responses:
        '200': {content: {application/json: {schema: {type: object, required: [receipt]}}}}
        '400': {content: {application/json: {schema: {type: object, required: [code]}}}}
''')


def all_below(value, path=()):
    """Every mapping of the document, with the keys that lead to it."""
    if isinstance(value, dict):
        yield path, value
    children = value.items() if isinstance(value, dict) else enumerate(value) \
        if isinstance(value, list) else ()
    for key, child in children:
        yield from all_below(child, path + (key,))


def operations(description):
    for path, item in description.all['paths'].items():
        for method, operation in item.items():
            if method != 'parameters':
                yield path, method, item, operation


def schemas(description):
    named = description.all['components']['schemas']
    for path, value in all_below({**description.all, 'named': {n: {'schema': s} for n, s in named.items()}}):
        if isinstance(value.get('schema'), dict):
            yield path, value['schema']


def ok(fields=None, body=None, **more):
    """An exchange that is as described, but for what is given."""
    body = STATUS if body is None else body
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    made = openapi.Exchange('GET', '/info/status', {}, b'', 200, {**GENERAL, **(fields or {})}, data)
    return made._replace(**more)


def refused(exchange, why):
    try:
        SMALL.check(exchange)
    except AssertionError as told:
        assert why in str(told), '"%s" is not in: %s' % (why, told)
    else:
        raise AssertionError('it was taken: %s' % why)


# ---- the description ----

def every_reference_leads_somewhere_and_none_in_a_circle():
    openapi.described()  # resolves them all
    for text, why in (('{$ref: "#/nothing"}', 'names nothing'), ('{$ref: "other.yaml#/x"}', 'only this'),
                      ('{$ref: "#/a"}', 'itself'), ('{$ref: "#/b", type: string}', 'beside')):
        try:
            openapi.Description('{a: %s, b: {}}' % text)
        except AssertionError as told:
            assert why in str(told), told
        else:
            raise AssertionError('it was taken: ' + text)


def no_key_stands_twice():
    try:
        openapi.Description('a: 1\na: 2\n')
    except AssertionError as told:
        assert 'twice near line 1' in str(told), told
    else:
        raise AssertionError('it was taken')


def every_operation_says_what_it_is_and_what_it_answers():
    d, seen = openapi.described(), set()
    assert d.all['openapi'].startswith('3.0.')
    tags = {t['name'] for t in d.all['tags']}
    for path, method, _, operation in operations(d):
        where = '%s %s' % (method, path)
        assert method in openapi.METHODS, where
        assert not set(operation) - OPERATION_KEYS, (where, set(operation) - OPERATION_KEYS)
        assert operation['operationId'] not in seen, where
        seen.add(operation['operationId'])
        assert operation['summary'] and set(operation['tags']) <= tags, where
        assert any(s.startswith(('2', '3')) for s in operation['responses']), where
        for status, answer in operation['responses'].items():
            assert re.fullmatch('[2345][0-9][0-9]', status) and answer['description'], (where, status)
            assert not set(answer) - {'description', 'headers', 'content'}, (where, status)
    assert len(seen) > 10


def the_parameters_of_a_path_are_those_in_its_name():
    for path, _, item, operation in operations(openapi.described()):
        parameters = item.get('parameters', []) + operation.get('parameters', [])
        named = {p['name'] for p in parameters if p['in'] == 'path'}
        assert named == set(re.findall(r'\{(\w+)\}', path)), path
        for p in parameters:
            assert p['in'] in ('path', 'query', 'header') and p['schema'], (path, p)
            assert p['in'] != 'path' or p['required'] is True, (path, p)


def every_schema_is_a_schema():
    count = 0
    for path, schema in schemas(openapi.described()):
        jsonschema.Draft4Validator.check_schema(openapi.json_schema(schema))
        for at, part in all_below(schema):
            if at and at[-1] == 'properties':
                continue
            unknown = set(part) - SCHEMA_KEYS
            assert not unknown, (path, at, unknown)
            if 'properties' in part:
                assert set(part.get('required', [])) <= set(part['properties']), (path, at)
        count += 1
    assert count > 30, count


def every_shared_part_is_used():
    source = openapi.described().source
    used = {v['$ref'] for _, v in all_below(source) if '$ref' in v}
    parts = {'#/components/%s/%s' % (kind, name) for kind in ('responses', 'schemas', 'headers')
             for name in source['components'].get(kind, {})}
    assert used <= parts, used - parts
    prose = ' '.join(v['description'] for _, v in all_below(source)
                     if isinstance(v.get('description'), str))
    for part in parts - used:  # what a stream's events hold can only be told in words
        assert re.search(r'\b%s\b' % part.split('/')[-1], prose), part


def the_routes_of_the_server_are_those_of_the_description():
    with open(os.path.join(os.path.dirname(openapi.PATH), '..', 'src', 'api', 'serve.c'), encoding='utf-8') as f:
        table = f.read()
    found = re.findall(r'\{"(GET|POST)", "(//?)([^"]*)", &', table)
    routes = {(method, '/' + path) for method, _, path in found}
    known = openapi.described()
    assert {'/' + path for _, slashes, path in found if slashes == '//'} == \
        {re.sub(r'\{\w+\}', '*', path) for path in known.any_slashes}
    assert len(routes) > 20, routes
    described = set()
    for path, method, item, operation in operations(known):
        values = [p['schema'].get('enum', ['*']) for p in
                  item.get('parameters', []) + operation.get('parameters', []) if p['in'] == 'path']
        for value in values[0] if values else ['']:
            described.add((method.upper(), re.sub(r'\{\w+\}', value, path)))
    assert routes == described, routes ^ described


# ---- the checker ----

def what_is_described_is_taken():
    d = SMALL
    d.check(ok())
    d.check(ok(target='/info/status/'))
    d.check(ok(method='HEAD', body=b''))
    d.check(ok(target='/nothing', status=404, body=b'<h1>', fields={'content-type': 'text/html'}))


def texts_slashes_and_empty_answers_are_as_described():
    text = {'content-type': 'text/plain'}
    SMALL.check(ok(text, b'yes', target='/text'))
    SMALL.check(ok(text, b'yes', target='//text//'))
    SMALL.check(ok({'content-type': ''}, b'', target='/text', method='POST',
                   request_fields={'content-type': 'a/b'}, request_body=b'x'))
    refused(ok(text, b'no', target='/text'), 'the answer does not fit')
    refused(ok(target='//info/status'), 'no such path')
    refused(ok({'content-type': ''}, b'', target='/text'), 'content type')


def what_is_not_described_is_found():
    refused(ok(target='/info/other'), 'no such path')
    refused(ok(method='POST'), 'no such method')
    refused(ok(status=201), 'status is not listed')
    refused(ok({'x-new': '1'}), 'header field x-new is not listed')
    refused(ok({'x-request-id': 'seven'}), 'header field x-request-id')
    refused(ok({'content-type': 'text/plain'}), 'content type text/plain')
    refused(ok(target='/info/status?from=3'), "parameters that are not listed: ['from']")
    without = {k: v for k, v in ok().fields.items() if k != 'access-control-allow-origin'}
    refused(ok()._replace(fields=without), 'access-control-allow-origin is absent')


def a_body_that_does_not_fit_is_found():
    refused(ok(body=b'{'), 'is not JSON')
    refused(ok(body={**STATUS, 'extra': 1}), 'extra')
    refused(ok(body={**STATUS, 'num_contributions': '1'}), 'num_contributions')
    refused(ok(body={k: v for k, v in STATUS.items() if k != 'lobby_size'}), 'lobby_size')
    refused(ok(body=REFUSAL), 'Additional properties')


def what_was_accepted_must_be_described_too():
    contribution = {'contributions': []}
    head = {'authorization': 'Bearer x', 'content-type': 'application/json'}
    upload = ok(method='POST', target='/contribute', request_fields=head, body=RECEIPT,
                request_body=json.dumps(contribution).encode())
    SMALL.check(upload)
    refused(upload._replace(request_fields={'content-type': 'application/json'}), 'without a session')
    refused(upload._replace(request_fields={**head, 'content-type': 'text/plain'}), 'text/plain')
    refused(upload._replace(request_body=b'{}'), 'the request does not fit')
    refused(upload._replace(target='/receipt/x', method='GET', request_body=b''), 'parameter index')
    refusal = upload._replace(status=400, body=json.dumps(REFUSAL).encode(), request_body=b'{}')
    SMALL.check(refusal)  # a refused request may be anything


def null_is_taken_only_where_it_is_allowed():
    schema = {'type': 'object', 'properties': {'a': {'type': 'string', 'nullable': True}, 'b': {'type': 'string'}}}
    assert openapi.misfit(schema, {'a': None, 'b': 'x'}) is None
    assert openapi.misfit(schema, {'b': None}).startswith('b: ')


# ---- reading a connection ----

def message(first, body=b'', **fields):
    fields = {'Content-Length': len(body), **fields}
    lines = ''.join('%s: %s\r\n' % (k.replace('_', '-'), v) for k, v in fields.items() if v is not None)
    return ('%s\r\n%s\r\n' % (first, lines)).encode() + body


def exchanges_of_one_connection_are_told_apart():
    sent = message('POST /a HTTP/1.1', b'12') + message('GET /b HTTP/1.1') + message('HEAD /c HTTP/1.1')
    got = b'HTTP/1.1 100 Continue\r\n\r\n' + message('HTTP/1.1 200 OK', b'xyz') + \
        message('HTTP/1.1 200 OK', b'2\r\nhi\r\n0\r\n\r\n', Content_Length=None, Transfer_Encoding='chunked') + \
        message('HTTP/1.1 200 OK', Content_Length=7)
    seen = recorded.exchanges(sent, got)
    assert [(e.method, e.target, e.request_body, e.status, e.body) for e in seen] == [
        ('POST', '/a', b'12', 200, b'xyz'), ('GET', '/b', b'', 200, b'hi'),
        ('HEAD', '/c', b'', 200, b'')], seen


def what_cannot_be_read_with_certainty_is_left_out():
    good, answer = message('GET /a HTTP/1.1'), message('HTTP/1.1 200 OK', b'abc')
    assert not recorded.exchanges(b'nonsense\r\n\r\n', answer)
    assert not recorded.exchanges(b'GET /a HTTP/1.1\r\nA: 1\r\nA: 2\r\n\r\n', answer)
    assert not recorded.exchanges(good, answer[:-1])
    assert not recorded.exchanges(good, b'')
    early = recorded.exchanges(message('POST /a HTTP/1.1', b'12')[:-1], answer)
    assert [(e.request_body, e.body) for e in early] == [(None, b'abc')], early


class FakeSocket:
    def __init__(self, answer):
        self.answer = answer

    def sendall(self, data):
        pass

    def recv(self, n, flags=0):
        now, self.answer = self.answer[:n], self.answer if flags else self.answer[n:]
        return now

    def close(self):
        pass


def a_recorded_socket_fails_the_test_that_closes_it():
    fields = {k.title().replace('-', '_'): v for k, v in GENERAL.items()}
    good, wrong = (message('HTTP/1.1 200 OK', json.dumps(b).encode(), **fields) for b in (STATUS, {}))
    for answer, faulty in ((good, False), (wrong, True)):
        failed = False
        try:
            with recorded.Recorded(FakeSocket(answer), SMALL) as s:
                s.sendall(message('GET /info/status HTTP/1.1'))
                s.recv(5, 2)  # a look ahead counts once
                while s.recv(100):
                    pass
        except AssertionError:
            failed = True
        assert failed == faulty, answer


def an_answer_of_another_operation_is_no_excuse():
    d = copy.deepcopy(SMALL)
    d.all['paths']['/info/status']['get']['responses']['200']['content'] = {}
    try:
        d.check(ok())
    except AssertionError as told:
        assert 'no content is listed' in str(told), told
    else:
        raise AssertionError('it was taken')


if __name__ == '__main__':
    tap.main(every_reference_leads_somewhere_and_none_in_a_circle,
             no_key_stands_twice,
             every_operation_says_what_it_is_and_what_it_answers,
             the_parameters_of_a_path_are_those_in_its_name,
             every_schema_is_a_schema,
             every_shared_part_is_used,
             the_routes_of_the_server_are_those_of_the_description,
             what_is_described_is_taken,
         texts_slashes_and_empty_answers_are_as_described,
             what_is_not_described_is_found,
             a_body_that_does_not_fit_is_found,
             what_was_accepted_must_be_described_too,
             null_is_taken_only_where_it_is_allowed,
             exchanges_of_one_connection_are_told_apart,
             what_cannot_be_read_with_certainty_is_left_out,
             a_recorded_socket_fails_the_test_that_closes_it,
             an_answer_of_another_operation_is_no_excuse)
