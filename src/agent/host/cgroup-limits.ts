import { access, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { PERIOD_US, type PodLimits } from '../resources.ts'

const ROOT = '/sys/fs/cgroup'

export interface CgroupWrite {
  readonly file: string
  readonly value: string
}

/**
 * What to write so that a cgroup and all below it keep within limits, its directories made: in one tree with cgroup v2, where each
 * ancestor must hand its controllers on, in one for each controller with v1.
 */
export function cgroupWrites(path: string, { cpuShares, cpuQuotaUs, memoryBytes }: PodLimits, version: 1 | 2): readonly CgroupWrite[] {
  const file = (name: string, value: string, controller = '') => ({ file: join(ROOT, controller, path, name), value })
  if (version === 1) {
    return [
      ...(cpuShares === undefined ? [] : [file('cpu.shares', String(cpuShares), 'cpu')]),
      ...(cpuQuotaUs ? [file('cpu.cfs_period_us', String(PERIOD_US), 'cpu'), file('cpu.cfs_quota_us', String(cpuQuotaUs), 'cpu')] : []),
      ...(memoryBytes === undefined ? [] : [file('memory.limit_in_bytes', String(memoryBytes), 'memory')]),
    ]
  }
  const parts = path.split('/').filter(Boolean)
  const handOn = parts.map((_, i) => ({ file: join(ROOT, ...parts.slice(0, i), 'cgroup.subtree_control'), value: '+cpu +memory' }))
  return [
    ...handOn,
    ...(cpuShares === undefined ? [] : [file('cpu.weight', String(weightOf(cpuShares)))]),
    ...(cpuQuotaUs ? [file('cpu.max', `${cpuQuotaUs} ${PERIOD_US}`)] : []),
    ...(memoryBytes === undefined ? [] : [file('memory.max', String(memoryBytes))]),
  ]
}

/** Shares of 2 to 262144 on the scale of weights, 1 to 10000, as OCI runtimes map them. */
const weightOf = (shares: number): number => 1 + Math.floor(((shares - 2) * 9999) / 262_142)

/** Makes a cgroup that keeps within limits, or keeps one that is there within them. */
export async function limitCgroup(path: string, limits: PodLimits): Promise<void> {
  const version = await access(join(ROOT, 'cgroup.controllers')).then(
    () => 2 as const,
    () => 1 as const,
  )
  for (const tree of version === 2 ? [''] : ['cpu', 'memory']) await mkdir(join(ROOT, tree, path), { recursive: true })
  for (const { file, value } of cgroupWrites(path, limits, version)) await writeFile(file, value)
}
