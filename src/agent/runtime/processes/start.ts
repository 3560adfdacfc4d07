import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { homedir, hostname } from 'node:os'
import { join, resolve, sep } from 'node:path'
import type { EventRecorder } from '../../../api/access.ts'
import type { Container } from '../../../api/types/core/container.ts'
import type { Pod } from '../../../api/types/core/pod.ts'
import { type Clock, sleep } from '../../../base/clock.ts'
import { linkLog } from '../../logs/links.ts'
import { containerReference } from '../../pod-events.ts'
import { logDirectory, terminationFile } from '../../pod-files.ts'
import type { PodSetup } from '../../pod-setup.ts'
import type { ContainerSetup } from '../cri/container-config.ts'
import { StepError } from '../runtime.ts'
import { accountOf } from './accounts.ts'
import type { Confinement } from './confinement.ts'
import { MARK, whyNotStarted } from './observe.ts'
import { ociSpec } from './oci-spec.ts'
import { type Kept, recordsOf, writeRecord } from './records.ts'
import { BECOME, CONFINE, CONFINED_END, SUPERVISE } from './script.ts'

export interface Launch {
  readonly pod: Pod
  readonly container: Container
  readonly attempt: number
  readonly sandbox: string
  readonly backoffSeconds: number
  /** What was found out and prepared for it. */
  readonly prepared: ContainerSetup
  readonly confinement: Confinement | undefined
  /** Makes where its volumes are mounted; gives back what was made. */
  readonly makePlaces: () => Promise<readonly string[]>
  readonly setup: PodSetup
  readonly clock: Clock
  readonly recorder?: EventRecorder | undefined
}

const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'
const SHELL = existsSync('/bin/bash') ? ['/bin/bash', '-p'] : ['/bin/sh']
const START_MS = 10_000
const LOOK_MS = 20

/** Writes down what is about to run, then runs it under a supervisor of its own. Resolves when the command has begun. */
export async function launch(options: Launch, signal: AbortSignal): Promise<void> {
  const { pod, container, attempt, prepared, confinement, setup, clock, recorder } = options
  const { name: podName, namespace = '', uid } = pod.metadata
  const { name } = container
  const id = randomBytes(32).toString('hex')
  const directory = join(recordsOf(setup.paths, uid), 'containers', id)
  const kept: Kept = {
    id,
    sandbox: options.sandbox,
    name,
    attempt,
    image: container.image ?? '',
    policy: container.terminationMessagePolicy ?? 'File',
    createdAt: clock.now(),
    backoffSeconds: options.backoffSeconds,
    stopSignal: container.lifecycle?.stopSignal,
    places: prepared.mounts.map(m => m.container_path ?? ''),
    made: confinement ? await options.makePlaces() : [],
    ...(confinement && { confined: { cgroup: `${confinement.cgroup}/pod${uid}/${id}`, program: confinement.program } }),
  }
  await mkdir(directory, { recursive: true, mode: 0o700 })
  await writeRecord(directory, 'kept', kept)
  const log = join(logDirectory(setup.paths, { namespace, name: podName, uid }), name, `${attempt}.log`)
  const words = kept.confined
    ? [CONFINE, CONFINED_END, kept.confined.program, id, kept.confined.cgroup]
    : [BECOME, '', container.workingDir || '/', ...plainly(container), ...prepared.command, ...prepared.args]
  if (confinement) await confine(options, kept, directory, confinement)
  const [shell = '', ...flags] = SHELL
  const env = confinement ? { PATH, [MARK]: id } : environment(options, id)
  const child = spawn(shell, [...flags, '-c', SUPERVISE, directory, log, ...words], { env, cwd: '/', detached: true, stdio: 'ignore' })
  const failed = new Promise<never>((_, reject) => child.once('error', error => reject(new StepError('RunContainerError', error.message, { cause: error }))))
  failed.catch(() => {})
  child.unref()
  const about = containerReference(pod, name)
  recorder?.event(about, 'Normal', 'Created', `Created container: ${name}`)
  await Promise.race([hasBegun(directory, confinement !== undefined, name, clock, signal), failed])
  const notKept = confinement ? [] : leftOut(options)
  if (notKept.length > 0) recorder?.event(about, 'Warning', 'NotEnforced', `a process without root, or without runc and crun: ${notKept.join('; ')}`)
  recorder?.event(about, 'Normal', 'Started', `Started container ${name}`)
  await linkLog(setup.paths, pod, name, attempt, id, setup.paths.podLogs)
}

async function hasBegun(directory: string, confined: boolean, name: string, clock: Clock, signal: AbortSignal): Promise<void> {
  const begun = join(directory, confined ? 'pid' : 'main')
  for (const end = clock.now() + START_MS; clock.now() < end; ) {
    if (existsSync(begun)) return
    if (existsSync(join(directory, 'exit'))) {
      if (confined && !existsSync(begun)) throw new StepError('RunContainerError', await whyNotStarted(directory))
      return
    }
    await sleep(clock, LOOK_MS, signal)
  }
  throw new StepError('RunContainerError', `the process of container "${name}" did not begin in ${START_MS / 1000} s`)
}

/** Writes what the OCI runtime is to make. */
async function confine(options: Launch, kept: Kept, directory: string, confinement: Confinement): Promise<void> {
  const { pod, container, prepared } = options
  const own = container.securityContext ?? {}
  const shared = pod.spec.securityContext ?? {}
  const [passwd, group] = await Promise.all(['/etc/passwd', '/etc/group'].map(path => readFile(path, 'utf8').catch(() => '')))
  const asked = {
    uid: own.runAsUser ?? shared.runAsUser,
    gid: own.runAsGroup ?? shared.runAsGroup,
    groups: [...(shared.supplementalGroups ?? []), ...(shared.fsGroup !== undefined ? [shared.fsGroup] : [])],
    strict: shared.supplementalGroupsPolicy === 'Strict',
  }
  const spec = ociSpec({
    pod,
    container,
    setup: prepared,
    account: accountOf(asked, 0, passwd ?? '', group ?? ''),
    env: environment(options, kept.id),
    cgroup: kept.confined?.cgroup ?? '',
    seccomp: await localProfile(own.seccompProfile ?? shared.seccompProfile, prepared.seccompRoot),
    host: confinement,
  })
  await mkdir(join(directory, 'root'))
  await writeFile(join(directory, 'config.json'), JSON.stringify(spec), { mode: 0o600 })
}

async function localProfile(profile: { readonly type: string; readonly localhostProfile?: string | undefined } | undefined, root: string) {
  if (profile?.type !== 'Localhost') return undefined
  const path = resolve(root, profile.localhostProfile ?? '')
  if (!path.startsWith(root + sep)) throw new StepError('CreateContainerConfigError', `seccomp profile ${profile.localhostProfile} lies outside ${root}`)
  try {
    return JSON.parse(await readFile(path, 'utf8')) as object
  } catch (error) {
    throw new StepError('CreateContainerConfigError', `cannot load seccomp profile "${path}": ${(error as Error).message}`, { cause: error })
  }
}

function environment({ pod, container, attempt, prepared, confinement, setup }: Launch, id: string): Record<string, string> {
  const volumes = confinement ? [] : volumesOf(container, prepared).map(({ variable, path }) => [variable, path] as const)
  const termination = confinement
    ? container.terminationMessagePath || '/dev/termination-log'
    : terminationFile(setup.paths, pod.metadata.uid, container.name, attempt)
  return {
    PATH,
    HOME: homedir(),
    HOSTNAME: hostname(),
    ...Object.fromEntries(prepared.variables),
    ...Object.fromEntries(volumes),
    EVERYNODE_TERMINATION_LOG: termination,
    [MARK]: id,
  }
}

/** Where the volumes of a process that sees the host's files lie, by the variable that tells it. */
function volumesOf(container: Container, { mounts }: ContainerSetup): readonly { readonly variable: string; readonly path: string; readonly wanted: string }[] {
  const found: { variable: string; path: string; wanted: string }[] = []
  for (const [i, { name, mountPath }] of (container.volumeMounts ?? []).entries()) {
    const path = mounts.find(m => m.container_path === (mountPath.startsWith('/') ? mountPath : `/${mountPath}`))?.host_path
    if (path === undefined) continue
    const variable = `EVERYNODE_VOLUME_${name.toUpperCase().replaceAll(/[^A-Z0-9]/g, '_')}`
    found.push({ variable: found.some(v => v.variable === variable) ? `${variable}_${i}` : variable, path, wanted: mountPath })
  }
  return found
}

const plainly = ({ securityContext }: Container): readonly string[] =>
  securityContext?.allowPrivilegeEscalation === false ? ['setpriv', '--no-new-privs'] : []

/** What an unconfined process does without, one sentence each. */
function leftOut({ container, prepared }: Launch): readonly string[] {
  const unseen = volumesOf(container, prepared).filter(v => v.path !== v.wanted)
  return [
    ...(unseen.length > 0 ? [`volumes are not mounted, ${unseen.map(v => `${v.wanted} is $${v.variable}`).join(', ')}`] : []),
    ...(Object.keys(container.resources?.limits ?? {}).length > 0 ? ['limits are not enforced'] : []),
  ]
}
