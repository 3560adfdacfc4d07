import { spawnSync } from 'node:child_process'
import { existsSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join, resolve } from 'node:path'
import type { AgentFlags } from './agent.ts'
import { defaultDataDir, openDataDir } from './data-dir.ts'
import { Failure, usage } from './failure.ts'
import { joinCluster } from './join.ts'

export interface InstallFlags extends Partial<AgentFlags> {
  /** Show the unit, change nothing. */
  readonly print: boolean
}

const UNIT = '/etc/systemd/system/everynode-agent.service'

/** The words with which an agent that has joined starts: all that it was given, save what only joining needs. */
export function agentWords(flags: InstallFlags, node: string, dataDir: string): readonly string[] {
  const one = (flag: string, value: string | undefined) => (value === undefined ? [] : [flag, value])
  const each = (flag: string, values: readonly string[] = []) => values.flatMap(value => [flag, value])
  return [
    ...['agent', '--node-name', node, '--data-dir', dataDir],
    ...one('--kubeconfig', flags.kubeconfig && resolve(flags.kubeconfig)),
    ...one(
      '--labels',
      flags.labels &&
        Object.entries(flags.labels)
          .map(pair => pair.join('='))
          .join(),
    ),
    ...each('--taints', flags.taints),
    ...(flags.runtime && flags.runtime !== 'auto' ? ['--runtime', flags.runtime] : []),
    ...one('--cri', flags.cri),
    ...(flags.shareEngine ? ['--share-engine'] : []),
    ...each(
      '--images',
      flags.images?.map(path => resolve(path)),
    ),
    ...each('--address', flags.address),
    ...one('--pod-cidr', flags.podCidr),
    ...one('--log-root', flags.logRoot),
    ...one('--cgroup-root', flags.cgroupRoot),
    ...one('--api-address', flags.apiAddress),
    ...one('--static-pods', flags.staticPods && resolve(flags.staticPods)),
    ...(flags.logLevel && flags.logLevel !== 'warn' ? ['--log-level', flags.logLevel] : []),
  ]
}

/** The systemd unit of an agent that has joined: no token stands in it, and its pods outlive a restart of the service. */
export function agentUnit(command: readonly string[]): string {
  const quoted = (word: string) => (/^[\w@%+=:,./-]+$/.test(word) ? word : JSON.stringify(word)).replaceAll('%', '%%').replaceAll('$', '$$$$')
  return `[Unit]
Description=Everynode agent: runs the daemons of this machine
After=network-online.target containerd.service crio.service
Wants=network-online.target

[Service]
ExecStart=${command.map(quoted).join(' ')}
Restart=always
RestartSec=1
# Containers live in cgroups of their own; what the agent starts besides ends with it.
KillMode=process
Delegate=yes
LimitNOFILE=1048576

[Install]
WantedBy=multi-user.target
`
}

/** `everynode agent install`: joins, then lets systemd run the agent from now on and after every boot. */
export async function installAgent(flags: InstallFlags): Promise<void> {
  const node = flags.nodeName ?? hostname().toLowerCase()
  const dataDir = resolve(flags.dataDir ?? defaultDataDir())
  const program = [process.execPath, join(resolve(import.meta.dirname, '../..'), 'bin', 'everynode')]
  const unit = agentUnit([...program, ...agentWords(flags, node, dataDir)])
  if (flags.print) {
    process.stdout.write(unit)
    return
  }
  if (process.getuid?.() !== 0) throw new Failure('installing a service needs root: run this with sudo')
  if (!existsSync('/run/systemd/system'))
    throw new Failure('this machine was not started by systemd: run `everynode agent` from whatever starts its services (--print shows the unit)')
  const directory = join(openDataDir(dataDir), 'agent')
  if (flags.kubeconfig === undefined && (flags.token !== undefined || !existsSync(join(directory, 'kubeconfig')))) {
    if (flags.server === undefined || flags.token === undefined)
      throw usage('--server and --token are wanted to join (`everynode token create` on the server prints the line)')
    await joinCluster({ server: flags.server, token: flags.token, caHash: flags.caHash, node, directory, signal: AbortSignal.timeout(60_000) })
  }
  writeFileSync(UNIT, unit)
  for (const words of [['daemon-reload'], ['enable', '--now', 'everynode-agent.service']]) {
    const { status, stderr } = spawnSync('systemctl', words, { encoding: 'utf8' })
    if (status !== 0) throw new Failure(`systemctl ${words.join(' ')}: ${stderr.trim() || `ended with ${status}`}`)
  }
  process.stdout.write(`node ${node}: everynode-agent.service runs; journalctl -u everynode-agent shows what it says\n`)
}
