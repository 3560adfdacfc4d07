import { Failure } from './failure.ts'

/** Everything that is loaded only on use. */
export const LAZY: Readonly<Record<string, () => Promise<unknown>>> = {
  '@grpc/grpc-js': () => import('@grpc/grpc-js'),
  '@peculiar/x509': async () => {
    await import('reflect-metadata')
    return import('@peculiar/x509')
  },
  jose: () => import('jose'),
  pino: () => import('pino'),
  re2js: () => import('re2js'),
  ws: () => import('ws'),
  yaml: () => import('yaml'),
}

/** Prints the version; with `check`, loads every lazy library and says which does not load. */
export async function version(options: { readonly check: boolean; readonly output: string }, own: string): Promise<void> {
  const failed: string[] = []
  if (options.check) {
    for (const [name, load] of Object.entries(LAZY)) {
      await load().catch((error: Error) => failed.push(`${name}: ${error.message}`))
    }
  }
  if (options.output === 'json') process.stdout.write(`${JSON.stringify({ version: own, node: process.version, ...(options.check && { failed }) })}\n`)
  else process.stdout.write(`everynode ${own} on Node ${process.version}${options.check && failed.length === 0 ? ', every library loads' : ''}\n`)
  if (failed.length > 0) throw new Failure(`does not load: ${failed.join('; ')}; run npm ci`)
}
