import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { CertificateSigningRequest } from '../../types/certificates.ts'
import { validateSigningStatus } from './signing-status-rules.ts'

const request = (status: object) => ({ status }) as unknown as CertificateSigningRequest
const problems = (status: object, before: object = {}) => validateSigningStatus(request(status), request(before)).map(e => `${e.field}: ${e.message}`)
const pem = (type: string, body = 'AAAA') => btoa(`-----BEGIN ${type}-----\n${body}\n-----END ${type}-----\n`)
const condition = (type: string, status = 'True') => ({ type, status, reason: 'r', message: 'm' })

test('what is said of a request has a type and a status, once, and approval and denial exclude each other', () => {
  assert.deepEqual(problems({ conditions: [condition('Approved'), condition('Other', 'Unknown')] }), [])
  const bad = [condition('Approved', 'False'), condition('Denied'), condition('x', ''), condition('', 'Yes'), condition('x')]
  assert.deepEqual(problems({ conditions: bad }), [
    'status.conditions[0].status: Unsupported value: "False": supported values: "True"',
    'status.conditions: Invalid value: "Denied": Approved and Denied conditions are mutually exclusive',
    'status.conditions[2].status: Required value',
    'status.conditions[3].type: Required value',
    'status.conditions[3].status: Unsupported value: "Yes": supported values: "False", "True", "Unknown"',
    'status.conditions[4].type: Duplicate value: "x"',
  ])
  assert.deepEqual(problems({ conditions: bad }, { conditions: bad }), [])
})

test('what is signed is a chain of certificates', () => {
  const certificate = pem('CERTIFICATE')
  assert.deepEqual(problems({ certificate }), [])
  const why = (text: string) => problems({ certificate: text }).map(line => line.replace(/^.*": /, ''))
  assert.deepEqual(
    [why(btoa('text')), why(pem('PRIVATE KEY')), why(pem('CERTIFICATE', 'A: b\n\nAAAA'))],
    [
      ['must contain at least one CERTIFICATE PEM block'],
      ['only CERTIFICATE PEM blocks are allowed, found "PRIVATE KEY"'],
      ['no PEM block headers are permitted'],
    ],
  )
  const bad = pem('PRIVATE KEY')
  assert.deepEqual(problems({ certificate: bad }, { certificate: bad }), [])
})
