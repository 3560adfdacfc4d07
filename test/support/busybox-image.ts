import { readFileSync } from 'node:fs'
import { type ImageDescription, ociArchive } from '../../src/agent/images/oci.ts'

const APPLETS = [
  'sh',
  'cat',
  'sleep',
  'echo',
  'httpd',
  'nc',
  'wget',
  'ls',
  'id',
  'env',
  'kill',
  'true',
  'false',
  'test',
  'mount',
  'touch',
  'stat',
  'tail',
  'date',
  'printf',
  'grep',
  'ps',
  'tar',
  'mkdir',
  'rm',
  'dd',
  'readlink',
  'hostname',
  'head',
  'seq',
  'ip',
  'netstat',
  'nslookup',
  'md5sum',
  'wc',
  'sed',
  'awk',
  'vi',
  'df',
  'chmod',
  'ln',
  'cp',
  'mv',
  'find',
  'xargs',
  'sort',
  'uniq',
  'sync',
  'yes',
]

/** An image archive with a static busybox under whatever names a manifest asks for. Needs the package busybox-static. */
export const busyboxImage = (names: readonly string[], options: BusyboxOptions = {}): Buffer => ociArchive(describeBusybox(names, options))

export interface BusyboxOptions {
  readonly cmd?: readonly string[]
  readonly user?: string
}

export function describeBusybox(names: readonly string[], options: BusyboxOptions = {}): ImageDescription {
  const program = readFileSync('/bin/busybox')
  return {
    names,
    arch: process.arch === 'arm64' ? 'arm64' : 'amd64',
    files: [
      { path: 'bin/' },
      { path: 'bin/busybox', content: program, mode: 0o755 },
      ...APPLETS.map(name => ({ path: `bin/${name}`, link: 'busybox' })),
      { path: 'etc/' },
      { path: 'etc/passwd', content: Buffer.from('root:x:0:0:root:/:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/sh\n') },
      { path: 'tmp/', mode: 0o1777 },
      { path: 'proc/' },
      { path: 'dev/' },
      { path: 'sys/' },
    ],
    cmd: options.cmd ?? ['/bin/sleep', '1000000'],
    ...(options.user && { user: options.user }),
  }
}
