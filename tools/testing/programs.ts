/** The programs that tests use beyond Node, all Debian's packages; installed when this runs as root on Debian. */
import { spawnSync } from 'node:child_process'
import { accessSync, constants, existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'

/** Debian package and a file that shows it is there (a name is looked for on the PATH). */
const PROGRAMS: readonly { readonly name: string; readonly debian: string; readonly file: string }[] = [
  { name: 'containerd', debian: 'containerd', file: 'containerd' },
  { name: 'runc', debian: 'runc', file: 'runc' },
  { name: 'CNI plugins', debian: 'containernetworking-plugins', file: '/usr/lib/cni/bridge' },
  { name: 'busybox', debian: 'busybox-static', file: 'busybox' },
  { name: 'iptables', debian: 'iptables', file: 'iptables' },
  { name: 'ip', debian: 'iproute2', file: 'ip' },
  { name: 'curl', debian: 'curl', file: 'curl' },
  { name: 'docker-registry', debian: 'docker-registry', file: 'docker-registry' },
  { name: 'C compiler', debian: 'build-essential', file: 'cc' },
  { name: 'kubectl', debian: 'kubernetes-client', file: 'kubectl' },
  { name: "Python's Kubernetes client", debian: 'python3-kubernetes', file: '/usr/lib/python3/dist-packages/kubernetes/__init__.py' },
]

/** The path of a program, or nothing where it is not installed. */
export function findProgram(file: string): string | undefined {
  const places = file.startsWith('/') ? [file] : [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/sbin'].map(dir => join(dir, file))
  return places.find(path => {
    try {
      accessSync(path, path.endsWith('.py') ? constants.R_OK : constants.X_OK)
      return true
    } catch {
      return false
    }
  })
}

/** The reason to skip a test that needs these programs, or false to run it. */
export function missing(...files: readonly string[]): string | false {
  const gone = files.filter(file => !findProgram(file))
  return gone.length > 0 && `missing program: ${gone.join(', ')}`
}

export const isRoot = process.getuid?.() === 0

/** Installs what is missing; says what it could not and leaves the tests to skip. */
export function installPrograms(): void {
  const wanted = PROGRAMS.filter(({ file }) => !findProgram(file))
  if (wanted.length === 0) return
  const names = wanted.map(p => p.name).join(', ')
  if (!isRoot || !existsSync('/etc/debian_version')) {
    console.log(`not installed and not installable here (needs root on Debian): ${names}; tests that need them are skipped`)
    return
  }
  console.log(`installing ${names}`)
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  // A package that starts its daemon on installation would leave an engine running that nobody asked for.
  const steps: readonly (readonly string[])[] = [
    ['apt-get', 'update', '-qq'],
    [
      'sh',
      '-c',
      `printf '#!/bin/sh\\nexit 101\\n' > /usr/sbin/policy-rc.d.everynode && chmod +x /usr/sbin/policy-rc.d.everynode && [ -e /usr/sbin/policy-rc.d ] || cp /usr/sbin/policy-rc.d.everynode /usr/sbin/policy-rc.d`,
    ],
    ['apt-get', 'install', '-y', '-qq', '--no-install-recommends', ...wanted.map(p => p.debian)],
    ['sh', '-c', 'cmp -s /usr/sbin/policy-rc.d /usr/sbin/policy-rc.d.everynode && rm -f /usr/sbin/policy-rc.d; rm -f /usr/sbin/policy-rc.d.everynode'],
  ]
  for (const [command, ...args] of steps) {
    const { status, stderr } = spawnSync(command!, args, { env, encoding: 'utf8' })
    if (status !== 0) console.error(`${command} ${args[0]} failed: ${stderr}`)
  }
}
