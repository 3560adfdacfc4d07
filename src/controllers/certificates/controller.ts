import type { Api, EventRecorder } from '../../api/access.ts'
import { CertificateSigningRequests } from '../../api/kinds/certificates/certificate-signing-request.ts'
import { Nodes } from '../../api/kinds/core/node.ts'
import { Secrets } from '../../api/kinds/core/secret.ts'
import { isStatus } from '../../api/meta/status.ts'
import type { CertificateSigningRequest } from '../../api/types/certificates.ts'
import type { Secret } from '../../api/types/core/config.ts'
import type { Clock } from '../../base/clock.ts'
import { KeyQueue } from '../../base/key-queue.ts'
import type { Log } from '../../base/log.ts'
import type { Informers } from '../../client/informers.ts'
import { judgeRequest, NODE_SIGNER, type RequestContent, type RequestVerdict } from '../../judge/certificates/plan.ts'

/** Whoever holds the authority's key. */
export interface Signer {
  /** Reads a PEM signing request; undefined when it is none or its signature is wrong. */
  read(csr: string): Promise<RequestContent | undefined>
  /** Signs its key for the subject given here; resolves with PEM. */
  sign(csr: string, subject: { readonly commonName: string; readonly organizations: readonly string[]; readonly days: number }): Promise<string>
}

export interface CertificateControllerOptions {
  readonly api: Api
  readonly clock: Clock
  readonly log: Log
  readonly informers: Informers
  readonly recorder: EventRecorder
  readonly signer: Signer
  readonly signal: AbortSignal
}

const LONGEST_DAYS = 365
/** Requests are kept this long, so that somebody can look at them (upstream keeps approved ones an hour). */
const KEPT_MS = 3_600_000
const SYSTEM = 'kube-system'
const base64 = (text: string): string => Buffer.from(text).toString('base64')
const keySecret = (node: string): string => `everynode-node-key-${node}`

/** Approves, denies and signs the certificate requests of nodes and people, and forgets them after an hour. */
export async function runCertificateController(options: CertificateControllerOptions): Promise<void> {
  const { api, clock, log, informers, recorder, signer, signal } = options
  const requests = informers.of(CertificateSigningRequests)
  const nodes = informers.of(Nodes)
  const queue = new KeyQueue<string>({ clock, onError: (name, error) => log.warn('could not handle a certificate request', { name, error }) })
  requests.subscribe(({ key }) => queue.add(key))
  await informers.synced()

  async function handle(name: string): Promise<{ after: number } | void> {
    const request = requests.get(name)
    if (!request) return
    const age = clock.now() - Date.parse(request.metadata.creationTimestamp)
    if (age >= KEPT_MS) {
      await api.delete({ kind: CertificateSigningRequests, name }, { preconditions: { uid: request.metadata.uid } }).catch(ignoreMissing)
      return
    }
    const csr = Buffer.from(request.spec.request, 'base64').toString()
    const content = await signer.read(csr)
    const node = content?.commonName.startsWith('system:node:') ? content.commonName.slice('system:node:'.length) : undefined
    const knownKeyHash = node === undefined ? undefined : await keyOfNode(node)
    const verdict = judgeRequest({ request, content, nodeExists: node !== undefined && nodes.get(node) !== undefined, knownKeyHash })
    await act(request, csr, verdict)
    return { after: KEPT_MS - age }
  }

  async function act(request: CertificateSigningRequest, csr: string, verdict: RequestVerdict): Promise<void> {
    const target = { kind: CertificateSigningRequests, name: request.metadata.name }
    const now = `${new Date(clock.now()).toISOString().slice(0, 19)}Z`
    const condition = (type: string, reason: string, message: string) => ({
      ...request,
      status: {
        ...request.status,
        conditions: [...(request.status.conditions ?? []), { type, status: 'True', reason, message, lastUpdateTime: now, lastTransitionTime: now }],
      },
    })
    switch (verdict.do) {
      case 'approve':
        if (!(await spendToken(request))) {
          await api.update({ ...target, subresource: 'approval' }, condition('Denied', 'TokenSpent', 'the token has been used as often as it may be'))
          return
        }
        await api.update({ ...target, subresource: 'approval' }, condition('Approved', verdict.reason, verdict.message))
        return
      case 'deny':
        await api.update({ ...target, subresource: 'approval' }, condition('Denied', verdict.reason, verdict.message))
        recorder.event(request, 'Warning', verdict.reason, verdict.message)
        return
      case 'fail':
        await api.update({ ...target, subresource: 'status' }, condition('Failed', verdict.reason, verdict.message))
        return
      case 'sign': {
        const seconds = request.spec.expirationSeconds
        const days = Math.min(LONGEST_DAYS, seconds === undefined ? LONGEST_DAYS : Math.max(seconds, 600) / 86_400)
        const certificate = await signer.sign(csr, { commonName: verdict.commonName, organizations: verdict.organizations, days })
        if (request.spec.signerName === NODE_SIGNER) await rememberKey(verdict.commonName.slice('system:node:'.length), verdict.keyHash)
        await api.update(
          { ...target, subresource: 'status' },
          { ...request, status: { ...request.status, certificate: Buffer.from(certificate).toString('base64') } },
        )
        return
      }
      case 'nothing':
        return
      default:
        verdict satisfies never
    }
  }

  async function keyOfNode(node: string): Promise<string | undefined> {
    try {
      const secret = await api.get({ kind: Secrets, namespace: SYSTEM, name: keySecret(node) })
      return Buffer.from(secret.data?.['key-hash'] ?? '', 'base64').toString()
    } catch (error) {
      if (isStatus(error, 'NotFound')) return undefined
      throw error
    }
  }

  async function rememberKey(node: string, keyHash: string): Promise<void> {
    const name = keySecret(node)
    const data = { 'key-hash': Buffer.from(keyHash).toString('base64') }
    const metadata = { name, namespace: SYSTEM, labels: { 'everynode.dev/node': node.slice(0, 63).replace(/[^A-Za-z0-9]+$/, '') } }
    try {
      await api.create({ kind: Secrets, namespace: SYSTEM }, { metadata, type: 'everynode.dev/node-key', data })
    } catch (error) {
      if (!isStatus(error, 'AlreadyExists')) throw error
      await api.patch({ kind: Secrets, namespace: SYSTEM, name }, { type: 'merge', body: { data } })
    }
  }

  /** Takes one use off the token that asks, before anything is approved; false when none is left. */
  async function spendToken(request: CertificateSigningRequest): Promise<boolean> {
    const id = /^system:bootstrap:([a-z0-9]{6})$/.exec(request.spec.username ?? '')?.[1]
    if (id === undefined) return true
    const target = { kind: Secrets, namespace: SYSTEM, name: `bootstrap-token-${id}` }
    let secret: Secret
    try {
      secret = await api.get(target)
    } catch (error) {
      if (isStatus(error, 'NotFound')) return false
      throw error
    }
    recorder.event(secret, 'Normal', 'TokenUsed', `used to ask for the certificate of request ${request.metadata.name}`)
    const left = Buffer.from(secret.data?.['everynode-uses-left'] ?? '', 'base64').toString()
    if (left === '') return true
    if (!(Number(left) > 0)) return false
    const rest = Number(left) - 1
    const spent = rest === 0 && { 'everynode-spent-at': base64(new Date(clock.now()).toISOString()) }
    await api.update(target, { ...secret, data: { ...secret.data, 'everynode-uses-left': base64(String(rest)), ...spent } })
    return true
  }

  await queue.run(handle, { workers: 4, signal })
}

function ignoreMissing(error: unknown): void {
  if (!isStatus(error, 'NotFound', 'Conflict')) throw error
}
