import type { Api } from '../api/access.ts'
import { ConfigMaps } from '../api/kinds/core/config-map.ts'
import { Nodes } from '../api/kinds/core/node.ts'
import { isStatus } from '../api/meta/status.ts'
import { ADDRESSES, addressesOf, withAddress } from '../api/server-addresses.ts'
import { type ConnectFlags, withApi } from './connect.ts'

export interface MoveFlags extends ConnectFlags {
  readonly output: 'text' | 'json'
}

/**
 * `everynode move ADDRESS:PORT`: tells all agents, through the running server, where they will find it besides; then it can be
 * stopped and started there.
 */
export async function move({ host, port }: { readonly host: string; readonly port: number }, flags: MoveFlags): Promise<void> {
  const address = `https://${host.includes(':') ? `[${host}]` : host}:${port}`
  await withApi(flags, async (api, { server }) => {
    await announce(api, [address, new URL(server).origin])
    const { items } = await api.list({ kind: Nodes })
    const away = items.filter(node => node.status.conditions?.find(({ type }) => type === 'Ready')?.status !== 'True').map(({ metadata }) => metadata.name)
    if (flags.output === 'json') {
      process.stdout.write(`${JSON.stringify({ address, nodes: items.length, away })}\n`)
      return
    }
    process.stdout.write(`${items.length - away.length} of ${items.length} nodes are told of ${address}.\n`)
    if (away.length > 0)
      process.stdout.write(
        `These are not connected and learn of it only if they come back while the server is here: ${away.join(', ')}.\nAfter the move start their agents once with --server ${address}; they need no new token.\n`,
      )
    process.stdout.write(`Now stop the server, take its data directory to the new place, and start it there: everynode server --listen ${address.slice(8)}\n`)
  })
}

async function announce(api: Api, addresses: readonly string[]): Promise<void> {
  const { namespace, name } = ADDRESSES
  const at = { kind: ConfigMaps, namespace, name }
  const data = (before: readonly string[]) => ({ addresses: addresses.toReversed().reduce<readonly string[]>(withAddress, before).join('\n') })
  try {
    const map = await api.get(at)
    await api.update(at, { ...map, data: data(addressesOf(map)) })
  } catch (error) {
    if (!isStatus(error, 'NotFound')) throw error
    await api.create({ kind: ConfigMaps, namespace }, { metadata: { name, namespace }, data: data([]) })
  }
}
