import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { KubeObject } from '../api/meta/object.ts'
import type { Pod } from '../api/types/core/pod.ts'
import type { PulledImage, PulledImages } from './images/pulled.ts'
import type { PodShelf } from './pod-source.ts'
import type { ReferenceStore } from './volumes/references.ts'

/** Objects as files of their own that only root reads; a reader sees the old one or the new one. */
class Folder<T extends object = KubeObject> {
  readonly #directory: string
  #last: Promise<unknown> = Promise.resolve()
  constructor(directory: string) {
    this.#directory = directory
  }

  load(name: string): Promise<T | undefined> {
    return this.#read(fileOf(name))
  }
  async loadAll(): Promise<readonly T[]> {
    const names = await readdir(this.#directory).catch(() => [])
    const objects = await Promise.all(names.filter(name => name.endsWith('.json')).map(name => this.#read(name)))
    return objects.filter(object => object !== undefined)
  }
  /** One write after the other, so that the last one wins. */
  save(name: string, object: T): Promise<void> {
    return this.#then(async () => {
      await mkdir(this.#directory, { recursive: true, mode: 0o700 })
      const path = join(this.#directory, fileOf(name))
      await writeFile(`${path}.new`, JSON.stringify(object), { mode: 0o600 })
      await rename(`${path}.new`, path)
    })
  }
  remove(name: string): Promise<void> {
    return this.#then(() => rm(join(this.#directory, fileOf(name)), { force: true }))
  }

  #then(work: () => Promise<void>): Promise<void> {
    const done = this.#last.then(work)
    this.#last = done.catch(() => {})
    return done
  }
  async #read(file: string): Promise<T | undefined> {
    try {
      return JSON.parse(await readFile(join(this.#directory, file), 'utf8')) as T
    } catch {
      return undefined
    }
  }
}

const fileOf = (name: string): string => `${encodeURIComponent(name)}.json`

/**
 * What an agent keeps for times without the server: pods, the config maps and secrets that they use, and with whose secrets images
 * were pulled. Never tokens, never what a pull secret holds.
 */
export function openShelf(dataDir: string): { readonly pods: PodShelf; readonly references: ReferenceStore; readonly pulled: PulledImages } {
  const folder = (name: string) => new Folder(join(dataDir, 'kept', name))
  const pods = folder('pods')
  const references: Readonly<Record<string, Folder>> = { configmaps: folder('configmaps'), secrets: folder('secrets') }
  return {
    pulled: new Folder<PulledImage>(join(dataDir, 'kept', 'pulled-images')),
    pods: {
      load: async () => (await pods.loadAll()) as readonly Pod[],
      save: pod => pods.save(pod.metadata.uid, pod),
      remove: uid => pods.remove(uid),
    },
    references: {
      load: async (resource, key) => references[resource]?.load(key),
      save: async (resource, key, object) => (object ? references[resource]?.save(key, object) : references[resource]?.remove(key)),
    },
  }
}
