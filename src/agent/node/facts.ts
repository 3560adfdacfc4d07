import { readFile, statfs } from 'node:fs/promises'
import os from 'node:os'
import type { NodeFacts } from './describe.ts'

export interface FactsOptions {
  readonly name: string
  readonly addresses: readonly string[]
  readonly dataDir: string
  readonly runtime: string
  readonly kubeletVersion: string
  readonly labels: Readonly<Record<string, string>>
  readonly taints: NodeFacts['taints']
  readonly podCIDR?: string | undefined
  /** Distinguishes nodes on one machine. */
  readonly machineId?: string | undefined
}

const MAX_PODS = 110
const MIB = 1024 * 1024
/** Below this much memory, and this share of the disk, pods are evicted: upstream keeps it from them to begin with. */
const LEAST_MEMORY_BYTES = 100 * MIB
const LEAST_DISK = 0.1
const ARCH: Readonly<Record<string, string>> = { x64: 'amd64', arm64: 'arm64', ia32: '386', arm: 'arm' }

/** Finds out what this machine is. */
export async function gatherFacts(options: FactsOptions): Promise<NodeFacts> {
  const { dataDir, podCIDR, machineId, ...given } = options
  const disk = await statfs(dataDir)
  const release = await readFile('/etc/os-release', 'utf8').catch(() => '')
  const line = async (path: string) => (await readFile(path, 'utf8').catch(() => '')).trim()
  return {
    ...given,
    cpus: os.availableParallelism(),
    memoryBytes: os.totalmem(),
    ephemeralBytes: disk.blocks * disk.bsize,
    maxPods: MAX_PODS,
    reserved: { cpuMillis: 0, memoryBytes: LEAST_MEMORY_BYTES, ephemeralBytes: Math.ceil(disk.blocks * disk.bsize * LEAST_DISK) },
    os: os.platform(),
    arch: ARCH[os.arch()] ?? os.arch(),
    osImage: /^PRETTY_NAME="?([^"\n]*)/m.exec(release)?.[1] ?? os.type(),
    kernel: os.release(),
    machineId: machineId ?? (await line('/etc/machine-id')),
    bootId: await line('/proc/sys/kernel/random/boot_id'),
    ...(podCIDR && { podCIDR }),
  }
}

/** The addresses under which others reach this machine: not loopback, not link-local, those of the first card first. */
export function machineAddresses(): readonly string[] {
  const addresses = Object.values(os.networkInterfaces())
    .flatMap(list => list ?? [])
    .filter(i => !i.internal && !i.address.startsWith('169.254.') && !i.address.startsWith('fe80:'))
  const v4 = addresses.find(a => a.family === 'IPv4')
  const v6 = addresses.find(a => a.family === 'IPv6')
  const found = [v4?.address, v6?.address].filter(a => a !== undefined)
  return found.length > 0 ? found : ['127.0.0.1']
}
