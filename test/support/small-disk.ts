/** A file system that is soon full. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface SmallDisk {
  readonly directory: string
  /** Why there is none; false when there is. */
  readonly skip: string | false
  remove(): void
}

/** 160 MB in memory. `skip`: why it is not wanted. */
export function smallDisk(skip: string | false): SmallDisk {
  const directory = skip ? '' : mkdtempSync(join(tmpdir(), 'en-'))
  const mounted = directory !== '' && spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=160m,mode=0711', 'tmpfs', directory]).status === 0
  return {
    directory,
    skip: skip || (mounted ? false : 'missing host feature mount: cannot make a small file system'),
    remove() {
      spawnSync('umount', ['-l', directory])
      rmSync(directory, { recursive: true, force: true })
    },
  }
}
