import { readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { run } from '../host/run.ts'
import { namespaceAt, namespaceOf } from './network.ts'

/** Where containerd mounts the network namespaces of its sandboxes, below the directory of an engine. */
const NAMESPACES = 'run/io.containerd.grpc.v1.cri/netns'
const ADDRESSES = 'ipam'
const INTERFACE = 'eth0'
/** Without a port `portmap` removes nothing; with one all of the sandbox, whichever it is. */
const ANY_PORT = { portMappings: [{ hostPort: 1, containerPort: 1, protocol: 'tcp' }] }

/**
 * Removes the network namespaces in which nothing lives. An engine that dies between making one and noting down whose it is forgets it;
 * one whose sandbox is known but has ended goes with it, and containerd takes it for closed. No engine may be at work in `dir`.
 */
export async function removeEmptyNamespaces(dir: string): Promise<void> {
  const paths = (await namesIn(join(dir, NAMESPACES))).map(name => join(dir, NAMESPACES, name))
  if (paths.length === 0) return
  const lived = new Set(await Promise.all((await namesIn('/proc')).filter(name => /^\d+$/.test(name)).map(namespaceOf)))
  for (const path of paths) {
    if (lived.has(await namespaceAt(path))) continue
    await run('umount', ['--lazy', path], { quiet: true })
    await rm(path, { force: true })
  }
}

/** The sandboxes for which an address is taken, as the `host-local` plugin notes them down. */
export async function sandboxesWithAddress(dir: string): Promise<readonly string[]> {
  const found = new Set<string>()
  for (const network of await namesIn(join(dir, ADDRESSES))) {
    for (const name of await namesIn(join(dir, ADDRESSES, network))) {
      if (!/^[\da-f.:]+$/.test(name)) continue
      const [sandbox = ''] = (await readFile(join(dir, ADDRESSES, network, name), 'utf8').catch(() => '')).split(/\s+/)
      if (sandbox) found.add(sandbox)
    }
  }
  return [...found]
}

/**
 * Gives back what a sandbox holds of the network of its engine: its address and its host ports, which would be led to nobody.
 * Each plugin is asked as the CNI specification says (`DEL`), the last one first: the address, by which it is known, goes at the end. Throws when one refuses.
 */
export async function leaveNetwork(
  sandbox: string,
  { netns, plugins, cniBin }: { netns?: string | undefined; plugins: string; cniBin: string },
): Promise<void> {
  const { cniVersion, name, plugins: chain } = JSON.parse(plugins) as { cniVersion: string; name: string; plugins: { type: string }[] }
  const words = { CNI_COMMAND: 'DEL', CNI_CONTAINERID: sandbox, CNI_NETNS: '', CNI_IFNAME: INTERFACE, CNI_PATH: cniBin }
  const environment = Object.entries(words).map(([key, value]) => `${key}=${value}`)
  for (const plugin of chain.toReversed()) {
    const [program = '', ...args] = [...(netns ? ['nsenter', `--net=${netns}`] : []), 'env', ...environment, join(cniBin, plugin.type)]
    await run(program, args, { input: JSON.stringify({ cniVersion, name, ...plugin, runtimeConfig: ANY_PORT }) })
  }
}

const namesIn = (path: string): Promise<readonly string[]> => readdir(path).catch(() => [])
