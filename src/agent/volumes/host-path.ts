import type { Stats } from 'node:fs'
import { mkdir, open, stat } from 'node:fs/promises'
import { getSystemErrorMessage } from 'node:util'
import { StepError } from '../runtime/runtime.ts'

const CHECKS: Readonly<Record<string, readonly [what: string, is: (s: Stats) => boolean]>> = {
  Directory: ['directory', s => s.isDirectory()],
  DirectoryOrCreate: ['directory', s => s.isDirectory()],
  File: ['file', s => s.isFile()],
  FileOrCreate: ['file', s => s.isFile()],
  Socket: ['socket file', s => s.isSocket()],
  CharDevice: ['character device', s => s.isCharacterDevice()],
  BlockDevice: ['block device', s => s.isBlockDevice()],
}

/** Makes what `type` asks to be made and checks what it asks to be there. Throws `StepError` FailedMount. */
export async function prepareHostPath(path: string, type: string): Promise<void> {
  const check = CHECKS[type]
  if (!check) return
  const [what, is] = check
  const found = await stat(path).catch(() => undefined)
  if (found) {
    if (!is(found)) throw new StepError('FailedMount', `hostPath type check failed: ${path} is not a ${what}`)
  } else if (type === 'DirectoryOrCreate') await mkdir(path, { recursive: true, mode: 0o755 })
  else if (type === 'FileOrCreate') await create(path)
  else throw new StepError('FailedMount', `hostPath type check failed: ${path} is not a ${what}`)
}

async function create(path: string): Promise<void> {
  try {
    await (await open(path, 'a', 0o644)).close()
  } catch (error) {
    const { errno = 0 } = error as NodeJS.ErrnoException
    throw new StepError('FailedMount', `open ${path}: ${getSystemErrorMessage(errno)}`, { cause: error })
  }
}
