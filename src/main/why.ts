import { isStatus } from '../api/meta/status.ts'
import { askWhy, printWhy } from '../cli/why.ts'
import { type ConnectFlags, withApi } from './connect.ts'
import { Failure, usage } from './failure.ts'

interface WhyFlags extends ConnectFlags {
  readonly namespace?: string
  readonly output: 'text' | 'json'
}

/** `everynode why ds/NAME [NODE]`: why each node, or the one named, has or has not the set's pod. */
export async function why(set: string, node: string | undefined, flags: WhyFlags): Promise<void> {
  const name = /^(?:(?:ds|daemonsets?)(?:\.apps)?\/)?([^/]+)$/.exec(set)?.[1]
  if (name === undefined) throw usage(`${set} is not a DaemonSet: name it as ds/NAME`)
  await withApi(flags, async (api, connection) => {
    const namespace = flags.namespace ?? connection.namespace ?? 'default'
    const answer = await askWhy(api, namespace, name, Date.now(), node).catch(error => {
      if (isStatus(error, 'NotFound')) throw new Failure(`there is no DaemonSet ${name} in namespace ${namespace}`)
      throw error
    })
    process.stdout.write(flags.output === 'json' ? `${JSON.stringify(answer, null, 2)}\n` : printWhy(answer, node !== undefined))
  })
}
