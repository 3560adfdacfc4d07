import assert from 'node:assert/strict'
import { test } from 'node:test'
import { requestInfo } from './request-info.ts'

const ask = (line: string) => {
  const [method = '', url = ''] = line.split(' ')
  const [path = '', query = ''] = url.split('?')
  const info = requestInfo(method, path, new URLSearchParams(query))
  if (info.type === 'none') return `${info.code}`
  if (info.type === 'path') return `path ${info.path}`
  const { verb, group, version, namespace, resource, name, subresource, rest } = info
  return [verb, `${group}/${version}`, namespace ?? '-', resource, name ?? '-', subresource ?? '-', rest ?? ''].join(' ').trim()
}

test('a path and a method say which resource and which verb', () => {
  const table: Readonly<Record<string, string>> = {
    'GET /api/v1/nodes': 'list /v1 - nodes - -',
    'GET /api/v1/nodes/n1': 'get /v1 - nodes n1 -',
    'HEAD /api/v1/nodes/n1': 'get /v1 - nodes n1 -',
    'GET /api/v1/nodes?watch=True': 'watch /v1 - nodes - -',
    'GET /api/v1/nodes?watch=1': 'watch /v1 - nodes - -',
    'GET /api/v1/nodes?watch=FALSE': 'list /v1 - nodes - -',
    'GET /api/v1/nodes?watch=0': 'list /v1 - nodes - -',
    'GET /apis/apps/v1/namespaces/a/daemonsets/x/status': 'get apps/v1 a daemonsets x status',
    'PATCH /apis/apps/v1/namespaces/a/daemonsets/x': 'patch apps/v1 a daemonsets x -',
    'PUT /apis/apps/v1/namespaces/a/daemonsets/x/': 'update apps/v1 a daemonsets x -',
    'POST /api/v1/namespaces/a/pods': 'create /v1 a pods - -',
    'POST /api/v1/namespaces/a/pods/p/binding': 'create /v1 a pods p binding',
    'DELETE /api/v1/namespaces/a/pods': 'deletecollection /v1 a pods - -',
    'DELETE /api/v1/namespaces/a/pods/p': 'delete /v1 a pods p -',
    'GET /api/v1/namespaces': 'list /v1 - namespaces - -',
    'GET /api/v1/namespaces/a': 'get /v1 a namespaces a -',
    'PUT /api/v1/namespaces/a/finalize': 'update /v1 a namespaces a finalize',
    'GET /api/v1/namespaces/a/status': 'get /v1 a namespaces a status',
    'GET /api/v1/nodes/n/proxy/a/b': 'get /v1 - nodes n proxy a/b',
    'GET /api/v1/nodes/10.0.0.1%3A8': 'get /v1 - nodes 10.0.0.1:8 -',
    'GET /api/v1/nodes/a%252Fb': 'get /v1 - nodes a%2Fb -',
    'GET /version/': 'path /version',
    'GET /api': 'path /api',
    'GET /apis/apps/v1': 'path /apis/apps/v1',
    'GET //apis///apps': 'path /apis/apps',
  }
  assert.deepEqual(Object.fromEntries(Object.keys(table).map(line => [line, ask(line)])), table)
})

test('what can be no request says so', () => {
  assert.deepEqual(
    [
      'GET /api/v1/nodes/%zz',
      'GET /api/v1/nodes/a%2Fb',
      'GET /api/v1/nodes/..',
      'GET /api/v1/nodes/%2e%2e',
      'POST /api/v1/nodes/n',
      'PUT /api/v1/nodes',
      'TRACE /api/v1/nodes',
    ].map(ask),
    ['400', '404', '404', '404', '405', '405', '405'],
  )
})
