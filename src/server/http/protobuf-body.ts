import { badRequest } from '../../api/meta/status.ts'
import { decodeProtobuf } from '../../api/protobuf/codec.ts'
import { readEnvelope } from '../../api/protobuf/envelope.ts'
import type { Body, Served } from '../registry/request.ts'
import { messageOfBody } from './messages.ts'

/** Reads a Kubernetes protobuf body. What it does not say of its kind is taken from `expected`. */
export function readProtobufBody(bytes: Buffer, served: Served | undefined, expected: { readonly apiVersion: string; readonly kind: string }): Body {
  const { apiVersion, kind, raw } = readEnvelope(bytes)
  const at = { apiVersion: apiVersion || expected.apiVersion, kind: kind || expected.kind }
  const message = messageOfBody(served, at.apiVersion, at.kind)
  if (!message) throw badRequest(`the body is a ${at.kind} of ${at.apiVersion}, but a ${expected.kind} of ${expected.apiVersion} is needed here`)
  return { value: Object.assign(decodeProtobuf(message, raw), at) }
}
