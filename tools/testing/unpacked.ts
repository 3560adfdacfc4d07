/** Debian packages that tests take programs from without installing them: the machine keeps its own, and none becomes a service of it. */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { findProgram, isRoot } from './programs.ts'

const CACHE = resolve(import.meta.dirname, '../../node_modules/.cache/everynode')
const KUBECTL = join(CACHE, 'kubectl-debian')
/** Debian's own kubectl (1.20), beside whatever kubectl the machine has. */
export const DEBIAN_KUBECTL = join(KUBECTL, 'usr/bin/kubectl')
/** Where the packages of real daemons are unpacked, as if it were a root directory. */
const DAEMONS = join(CACHE, 'daemons')
export const PROMETHEUS = join(DAEMONS, 'usr/bin/prometheus')
export const NODE_EXPORTER = join(DAEMONS, 'usr/bin/prometheus-node-exporter')
export const RSYSLOG = join(DAEMONS, 'usr/sbin/rsyslogd')
export const NGINX = join(DAEMONS, 'usr/sbin/nginx')

/** Package, and a file of it by which it is known to be there. */
const UNPACKED: readonly (readonly [debian: string, into: string, file: string])[] = [
  ['kubernetes-client', KUBECTL, DEBIAN_KUBECTL],
  ['prometheus', DAEMONS, PROMETHEUS],
  ['prometheus-node-exporter', DAEMONS, NODE_EXPORTER],
  ['rsyslog', DAEMONS, RSYSLOG],
  ['libestr0', DAEMONS, join(DAEMONS, 'usr/share/doc/libestr0')],
  ['libfastjson4', DAEMONS, join(DAEMONS, 'usr/share/doc/libfastjson4')],
  ['nginx', DAEMONS, NGINX],
]

/** Unpacks into the cache what is not there yet; says so when it could not. */
export function unpackPrograms(): void {
  const wanted = UNPACKED.filter(([, , file]) => !existsSync(file))
  if (wanted.length === 0 || !findProgram('apt-get') || !findProgram('dpkg')) return
  const scratch = mkdtempSync(join(tmpdir(), 'everynode-packages-'))
  try {
    const step = (command: string, ...args: readonly string[]) => spawnSync(command, args, { cwd: scratch, encoding: 'utf8' })
    const names = wanted.map(([debian]) => debian)
    let { status, stderr } = step('apt-get', 'download', '-qq', ...names)
    // Package lists of another day name a version that the mirror may have dropped.
    if (status !== 0 && isRoot) {
      step('apt-get', 'update', '-qq')
      ;({ status, stderr } = step('apt-get', 'download', '-qq', ...names))
    }
    for (const archive of readdirSync(scratch).filter(file => file.endsWith('.deb'))) {
      const into = wanted.find(([debian]) => archive.startsWith(`${debian}_`))?.[1]
      if (!into) continue
      mkdirSync(into, { recursive: true })
      ;({ status, stderr } = step('dpkg', '-x', archive, into))
    }
    if (status !== 0) console.log(`not to be had here, tests go without: ${names.join(', ')}: ${stderr.trim()}`)
  } finally {
    rmSync(scratch, { recursive: true, force: true })
  }
}
