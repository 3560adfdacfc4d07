import { readdir, stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { Failure } from './failure.ts'

/** The archives that `--images` names: files, and every `.tar` of a folder. */
export async function imageFiles(sources: readonly string[]): Promise<readonly string[]> {
  const files: string[] = []
  for (const source of sources) {
    const path = resolve(source)
    const found = await stat(path).catch(() => undefined)
    if (!found) throw new Failure(`--images ${source}: there is no such file or folder`)
    if (!found.isDirectory()) files.push(path)
    else {
      const archives = (await readdir(path)).filter(file => file.endsWith('.tar')).sort()
      if (archives.length === 0) throw new Failure(`--images ${source}: the folder holds no .tar archive`)
      files.push(...archives.map(file => join(path, file)))
    }
  }
  return files
}
