/** What a container finds itself to be, and what its pod says that it is to be. */
import { namesIn } from '../../src/agent/runtime/processes/capabilities.ts'
import { hasPayload } from '../../src/agent/volumes/payload.ts'
import type { Container } from '../../src/api/types/core/container.ts'
import type { Pod } from '../../src/api/types/core/pod.ts'

export interface Inside {
  readonly user: string
  readonly noNewPrivileges: boolean
  readonly seccomp: boolean
  /** What is left when all was dropped; undefined when it was not, as engines and hosts differ. */
  readonly capabilities: readonly string[] | undefined
  readonly readOnlyRoot: boolean
  /** `PATH ro`, `PATH rw`. */
  readonly mounts: readonly string[]
  /** `NAME=value`, for those whose value is written out. */
  readonly variables: readonly string[]
}

/** Prints what `insideOf` reads. Needs no more than busybox. */
export const LOOK_INSIDE = [
  'sh',
  '-c',
  'echo "user $(id -u) $(id -g)"; grep -E "^(NoNewPrivs|Seccomp|CapBnd):" /proc/self/status; while read -r a b c d e f g; do echo "mount $e $f"; done < /proc/self/mountinfo; env | while read -r v; do echo "env $v"; done',
]

export function wantedInside({ spec }: Pod, container: Container): Inside {
  const own = container.securityContext ?? {}
  const shared = spec.securityContext ?? {}
  const profile = (own.seccompProfile ?? shared.seccompProfile)?.type ?? 'Unconfined'
  const { add = [], drop = [] } = own.capabilities ?? {}
  const isOfObjects = (name: string) => spec.volumes?.some(volume => volume.name === name && hasPayload(volume))
  const mounts = (container.volumeMounts ?? []).map(({ name, mountPath, readOnly }) => `${plain(mountPath)} ${readOnly || isOfObjects(name) ? 'ro' : 'rw'}`)
  return {
    user: `${own.runAsUser ?? shared.runAsUser ?? 0} ${own.runAsGroup ?? shared.runAsGroup ?? 0}`,
    noNewPrivileges: own.allowPrivilegeEscalation === false,
    seccomp: !own.privileged && profile !== 'Unconfined',
    capabilities: drop.includes('ALL') && !own.privileged ? add.map(name => name.replace(/^(CAP_)?/, 'CAP_')).sort() : undefined,
    readOnlyRoot: own.readOnlyRootFilesystem ?? false,
    mounts: mounts.sort(),
    variables: written(container).sort(),
  }
}

/** What a container has said of itself, as far as its pod says something of it. */
export function insideOf(said: string, pod: Pod, container: Container): Inside {
  const lines = said.split('\n')
  const all = (word: string) => lines.filter(line => line.startsWith(`${word} `)).map(line => line.slice(word.length + 1))
  const status = (name: string) => lines.find(line => line.startsWith(`${name}:`))?.split('\t')[1] ?? ''
  const wanted = wantedInside(pod, container)
  const mounts = new Map(all('mount').map(line => [line.split(' ')[0] ?? '', line.split(' ')[1]?.slice(0, 2) ?? '']))
  const names = new Set(wanted.variables.map(variable => variable.split('=')[0]))
  return {
    user: all('user')[0] ?? '',
    noNewPrivileges: status('NoNewPrivs') === '1',
    seccomp: status('Seccomp') === '2',
    capabilities: wanted.capabilities && [...namesIn(status('CapBnd'))].sort(),
    readOnlyRoot: mounts.get('/') === 'ro',
    mounts: wanted.mounts.map(mount => `${mount.split(' ')[0]} ${mounts.get(mount.split(' ')[0] ?? '') ?? 'missing'}`),
    variables: all('env')
      .filter(variable => names.has(variable.split('=')[0]))
      .sort(),
  }
}

const plain = (path: string): string => (path.startsWith('/') ? path : `/${path}`).replace(/(.)\/+$/, '$1')

/** Of one line and without blanks at its ends, so that a shell can print it. */
const written = ({ env = [] }: Container): string[] =>
  env.flatMap(({ name, value = '', valueFrom }) => (valueFrom || /\$|\n|\\|^\s|\s$/.test(value) ? [] : [`${name}=${value}`]))
