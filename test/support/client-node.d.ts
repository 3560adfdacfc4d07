/**
 * What the interop test uses of `@kubernetes/client-node`. Its own declarations bring the types of a dozen packages that
 * nothing else here needs, and double what the type check has to read.
 */
declare module '@kubernetes/client-node' {
  import type { Readable, Writable } from 'node:stream'
  import type { DaemonSet } from '../../src/api/types/apps/daemon-set.ts'

  interface Named {
    readonly metadata: { readonly name: string; readonly labels?: Readonly<Record<string, string>>; readonly resourceVersion?: string }
  }
  interface ConfigMap extends Named {
    readonly data?: Readonly<Record<string, string>>
  }
  interface List<T> {
    readonly items: readonly T[]
  }
  export class KubeConfig {
    loadFromFile(path: string): void
    makeApiClient<T>(type: new () => T): T
  }
  export class CoreV1Api {
    listNamespacedConfigMap(request: { readonly namespace: string; readonly labelSelector?: string }): Promise<List<ConfigMap>>
    createNamespacedConfigMap(request: { readonly namespace: string; readonly body: object }): Promise<ConfigMap>
    deleteNamespacedConfigMap(request: { readonly namespace: string; readonly name: string }): Promise<unknown>
    listNamespacedPod(request: { readonly namespace: string; readonly labelSelector?: string }): Promise<List<Named>>
  }
  export class AppsV1Api {
    readNamespacedDaemonSet(request: { readonly namespace: string; readonly name: string }): Promise<DaemonSet>
  }
  export class ApiException extends Error {
    readonly code: number
    readonly body: string
  }
  export const PatchStrategy: { readonly ServerSideApply: string; readonly MergePatch: string }
  export class KubernetesObjectApi {
    static makeApiClient(config: KubeConfig): KubernetesObjectApi
    patch(object: object, pretty?: string, dryRun?: string, fieldManager?: string, force?: boolean, strategy?: string): Promise<Named>
    create(object: object): Promise<Named>
    read(object: object): Promise<Named>
    delete(object: object): Promise<unknown>
  }
  export interface Informer<T> {
    on(event: 'add' | 'update' | 'delete', heard: (object: T) => void): void
    on(event: 'error', heard: (error: unknown) => void): void
    start(): Promise<void>
    stop(): Promise<void>
    list(): readonly T[]
  }
  export function makeInformer<T>(config: KubeConfig, path: string, list: () => Promise<List<T>>, labelSelector?: string): Informer<T>
  export class Exec {
    constructor(config: KubeConfig)
    exec(
      namespace: string,
      pod: string,
      container: string,
      command: readonly string[],
      stdout: Writable | null,
      stderr: Writable | null,
      stdin: Readable | null,
      tty: boolean,
      ended: (status: { readonly status?: string; readonly reason?: string; readonly details?: unknown }) => void,
    ): Promise<unknown>
  }
  export class Log {
    constructor(config: KubeConfig)
    log(namespace: string, pod: string, container: string, to: Writable, options: object): Promise<unknown>
  }
}
