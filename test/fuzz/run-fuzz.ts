import { readFileSync } from 'node:fs'
import type { Connection } from '../../src/client/node/kubeconfig.ts'
import type { Cluster } from '../support/cluster.ts'
import { Driver } from './drive.ts'
import { wrongWith } from './judge.ts'
import { type FuzzRequest, requestOf } from './requests.ts'

export interface FuzzReport {
  readonly failures: readonly string[]
  /** Answers by code. */
  readonly codes: ReadonlyMap<number, number>
  /** Resident MiB of the server, from one reading to the next. */
  readonly rss: readonly number[]
}

export interface FuzzOptions {
  readonly seed: number
  /** Numbers of the seed's row: from this one, so many. */
  readonly from?: number
  readonly requests: number
  readonly atOnce?: number
  readonly onFailure?: (text: string) => void
}

const MOST_FAILURES = 200

/** Sends a seed's row of requests to a server; what it answers wrongly, and how its memory went. */
export async function runFuzz(connection: Connection, pid: number, options: FuzzOptions): Promise<FuzzReport> {
  const { seed, from = 0, requests, atOnce = 12, onFailure } = options
  const driver = new Driver(connection)
  const failures: string[] = []
  const codes = new Map<number, number>()
  const rss = [residentMiB(pid)]
  const every = Math.max(500, Math.ceil(requests / 40))
  let next = from
  const fail = (number: number, request: FuzzRequest, why: string) => {
    const text = `--seed ${seed} --from ${number} --requests 1: ${why}: ${shown(request)}`
    failures.push(text)
    onFailure?.(text)
  }
  const one = async () => {
    while (next < from + requests && failures.length < MOST_FAILURES) {
      const number = next++
      const request = requestOf(seed, number)
      try {
        const answer = await driver.send(request)
        if (answer) {
          codes.set(answer.code, (codes.get(answer.code) ?? 0) + 1)
          const why = wrongWith(request, answer)
          if (why) fail(number, request, `${why}: ${answer.body.slice(0, 300)}`)
        }
      } catch (error) {
        fail(number, request, (error as Error).message)
      }
      if ((number - from) % every === every - 1) rss.push(residentMiB(pid))
    }
  }
  try {
    await Promise.all(Array.from({ length: atOnce }, one))
  } finally {
    driver.close()
  }
  return { failures, codes, rss }
}

/** After a run: whether the server lives and is ready, as `/readyz` says it. */
export async function readyAfter(connection: Connection, cluster: Cluster): Promise<string | undefined> {
  if (cluster.process.exitCode !== null) return `the server ended with ${cluster.process.exitCode}:\n${cluster.output().slice(-3000)}`
  const driver = new Driver(connection)
  try {
    const answer = await driver.send({ wire: 'h2', method: 'GET', url: '/readyz', headers: {} })
    return answer?.code === 200 ? undefined : `/readyz answers ${answer?.code}: ${answer?.body}`
  } finally {
    driver.close()
  }
}

const shown = ({ wire, method, url, headers, body, pieces }: FuzzRequest): string =>
  wire === 'bytes'
    ? `bytes ${Buffer.concat(pieces ?? [])
        .toString('latin1')
        .slice(0, 400)}`
    : `${wire} ${method} ${url.slice(0, 300)} ${JSON.stringify(headers).slice(0, 300)} ${body?.toString('utf8').slice(0, 600) ?? ''}`

function residentMiB(pid: number): number {
  const line = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))
  return Math.round(Number(line?.[1] ?? 0) / 1024)
}
