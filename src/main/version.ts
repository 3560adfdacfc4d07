import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { KUBERNETES_VERSION } from '../api/version.ts'

/** Everynode's own version, from package.json. */
export const VERSION: string = (JSON.parse(readFileSync(join(import.meta.dirname, '../../package.json'), 'utf8')) as { version: string }).version

/** What nodes say of their agent: the version of Kubernetes whose kubelet it stands for. */
export const KUBELET_VERSION = `v${KUBERNETES_VERSION}+everynode.${VERSION}`
