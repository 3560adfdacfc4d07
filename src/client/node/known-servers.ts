import { join } from 'node:path'
import { parseAddresses } from '../../api/server-addresses.ts'
import { readIfThere, writePrivateFile } from '../../base/node/private-files.ts'

const fileOf = (directory: string): string => join(directory, 'servers')

/** The addresses of its server that an agent was told of, the best first. */
export const readKnownServers = async (directory: string): Promise<readonly string[]> => parseAddresses((await readIfThere(fileOf(directory))) ?? '')

export const writeKnownServers = (directory: string, servers: readonly string[]): Promise<void> =>
  writePrivateFile(fileOf(directory), servers.map(server => `${server}\n`).join(''))
