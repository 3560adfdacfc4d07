import net from 'node:net'
import type { HTTPGetAction } from '../../api/types/core/probe.ts'
import { requestOver } from '../../base/node/request-over.ts'
import { hostAndPort, whyUnreachable } from './network-words.ts'
import { failure, type Outcome, SUCCESS } from './outcome.ts'

/** How a probe names itself. */
export const PROBER = 'kube-probe/1.36'

const MOST_REDIRECTS = 10
const MOST_BODY = 10 * 1024
const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308])

interface Answer {
  readonly code: number
  readonly location: string | undefined
  readonly body: string
}

/**
 * Asks once, as the kubelet does: certificates are not checked, redirects are followed on the same host, and one to another
 * host passes with a warning. `anyStatus`: that there is an answer is enough, as for hooks.
 */
export async function probeHttp(get: HTTPGetAction, address: string, port: number, signal: AbortSignal, anyStatus = false): Promise<Outcome> {
  const scheme = (get.scheme ?? 'HTTP').toLowerCase()
  const first = new URL(`${scheme}://${hostAndPort(get.host || address, port)}${(get.path || '/').replace(/^(?!\/)/, '/')}`)
  let url = first
  for (let redirects = 0; ; redirects++) {
    const shown = shownAs(url)
    let answer: Answer
    try {
      answer = await ask(url, get, signal)
    } catch (error) {
      if (signal.aborted) return failure(`Get "${shown}": context deadline exceeded (Client.Timeout exceeded while awaiting headers)`)
      return failure(`Get "${shown}": ${whyUnreachable(error as Error, hostOf(url), portOf(url))}`)
    }
    const { code, location, body } = answer
    if (anyStatus) return SUCCESS
    const next = REDIRECTS.has(code) && location !== undefined && URL.canParse(location, url) ? new URL(location, url) : undefined
    if (next?.hostname === first.hostname && /^https?:$/.test(next.protocol)) {
      if (redirects >= MOST_REDIRECTS) return failure(`Get "${location}": stopped after ${MOST_REDIRECTS} redirects`)
      url = next
    } else if (code >= 300 && code < 400) return { verdict: 'warning', message: `Probe terminated redirects, Response body: ${body}` }
    else return code >= 200 && code < 300 ? SUCCESS : failure(`HTTP probe failed with statuscode: ${code}`)
  }
}

async function ask(url: URL, get: HTTPGetAction, signal: AbortSignal): Promise<Answer> {
  const { request } = await import('node:https')
  const host = hostOf(url)
  const port = portOf(url)
  const given = Object.fromEntries((get.httpHeaders ?? []).map(({ name, value }) => [name, value]))
  const headers = { 'User-Agent': PROBER, Accept: '*/*', Connection: 'close', ...given }
  const options = { host, port, path: url.pathname + url.search, headers, signal, agent: false as const }
  return new Promise((resolve, reject) => {
    const call = url.protocol === 'https:' ? request({ ...options, rejectUnauthorized: false }) : requestOver(() => net.connect({ host, port }), options)
    call.once('response', response => {
      const code = response.statusCode ?? 0
      let body = ''
      const done = () => {
        response.destroy()
        resolve({ code, location: response.headers.location, body })
      }
      if (code < 300 || code >= 400) return done()
      response.setEncoding('utf8')
      response.on('data', (text: string) => {
        body += text
        if (body.length < MOST_BODY) return
        body = body.slice(0, MOST_BODY)
        done()
      })
      response.once('end', done)
      response.once('error', reject)
    })
    call.once('error', reject)
    call.end()
  })
}

const hostOf = (url: URL): string => url.hostname.replace(/^\[|\]$/g, '')
const portOf = (url: URL): number => Number(url.port) || (url.protocol === 'https:' ? 443 : 80)
/** With the port even where the scheme implies it. */
const shownAs = (url: URL): string => `${url.protocol}//${hostAndPort(hostOf(url), portOf(url))}${url.pathname}${url.search}`
