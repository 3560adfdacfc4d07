import { spawn } from 'node:child_process'

const MOST_OUTPUT = 1024 * 1024

/** Runs a program to its end and returns what it said; throws with its complaint when it fails. */
export function run(
  program: string,
  args: readonly string[],
  options: { readonly input?: string | Uint8Array; readonly signal?: AbortSignal; readonly quiet?: boolean } = {},
): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      stdio: [options.input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
      ...(options.signal && { signal: options.signal }),
    })
    const out: Buffer[] = []
    const complaint: Buffer[] = []
    let size = 0
    const keep = (list: Buffer[]) => (chunk: Buffer) => {
      size += chunk.length
      if (size <= MOST_OUTPUT) list.push(chunk)
    }
    child.stdout?.on('data', keep(out))
    child.stderr?.on('data', keep(complaint))
    child.once('error', error => reject('code' in error && error.code === 'ENOENT' ? new Error(`${program} is not installed`, { cause: error }) : error))
    child.once('close', code => {
      const said = Buffer.concat(out).toString()
      if (code === 0 || options.quiet) resolve(said)
      else reject(new Error(`${program} ${args.join(' ')}: ${Buffer.concat(complaint).toString().trim() || `ended with ${code}`}`))
    })
    child.stdin?.on('error', () => {})
    child.stdin?.end(options.input)
  })
}
