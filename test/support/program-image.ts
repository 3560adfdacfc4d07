/** Images made of this machine's own programs, beside busybox: what real daemons carry. */
import { spawnSync } from 'node:child_process'
import { readFileSync, realpathSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { ociArchive } from '../../src/agent/images/oci.ts'
import type { TarEntry } from '../../src/agent/images/tar.ts'

export interface ProgramImage {
  readonly name: string
  /** Path in the image, without the slash, to the program or module on this machine. */
  readonly programs: Readonly<Record<string, string>>
  /** Where else this machine keeps libraries that they are linked against. */
  readonly libraries?: string
  readonly files?: Readonly<Record<string, string>>
  readonly directories?: readonly string[]
}

const SHELL = ['sh', 'sleep', 'cat', 'echo', 'wget', 'mkdir', 'ls']

/** The archive, with the libraries that the programs are linked against. */
export function programImage({ name, programs, libraries, files = {}, directories = [] }: ProgramImage): Buffer {
  const linked = [...new Set(Object.values(programs).flatMap(program => librariesOf(program, libraries)))]
  const content: TarEntry[] = [
    { path: 'bin/busybox', content: readFileSync('/bin/busybox'), mode: 0o755 },
    ...SHELL.map(applet => ({ path: `bin/${applet}`, link: 'busybox' })),
    ...Object.entries(programs).map(([path, program]) => ({ path, content: readFileSync(realpathSync(program)), mode: 0o755 })),
    // A library of another place is found where libraries are.
    ...linked.map(path => ({
      path: libraries && path.startsWith(libraries) ? join('lib', path.slice(libraries.length)) : path.slice(1),
      content: readFileSync(path),
      mode: 0o755,
    })),
    ...Object.entries(files).map(([path, text]) => ({ path, content: Buffer.from(text) })),
  ]
  const parents = (path: string): string[] => (dirname(path) === '.' ? [] : [...parents(dirname(path)), dirname(path)])
  const all = new Set(['tmp', 'etc', ...directories.flatMap(path => [...parents(path), path]), ...content.flatMap(({ path }) => parents(path))])
  return ociArchive({
    names: [name],
    arch: process.arch === 'arm64' ? 'arm64' : 'amd64',
    files: [...[...all].sort().map(path => ({ path: `${path}/`, ...(path === 'tmp' && { mode: 0o1777 }) })), ...content],
    cmd: ['/bin/sleep', '1000000'],
  })
}

function librariesOf(program: string, elsewhere: string | undefined): readonly string[] {
  const env = { ...process.env, ...(elsewhere && { LD_LIBRARY_PATH: elsewhere }) }
  const { stdout } = spawnSync('ldd', [realpathSync(program)], { encoding: 'utf8', env })
  return [...stdout.matchAll(/(?:=> )?(\/[^\s]+) \(0x/g)].map(([, path]) => path!)
}
