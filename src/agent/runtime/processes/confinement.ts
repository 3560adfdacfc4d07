import { readFile } from 'node:fs/promises'
import { findProgram } from '../../../base/node/find-program.ts'
import { run } from '../../host/run.ts'
import { namesIn } from './capabilities.ts'
import type { HostFacts } from './oci-spec.ts'

/** The OCI runtime that holds processes in namespaces and cgroups of their own, and what the host lets it give. */
export interface Confinement extends HostFacts {
  readonly program: string
  /** `runc-1.1.5`. */
  readonly version: string
  readonly recursiveReadOnly: boolean
  /** Under which the cgroups of pods lie. */
  readonly cgroup: string
}

/** Undefined where processes can only run plainly: without root, or without runc and crun. */
export async function findConfinement(cgroup: string): Promise<Confinement | undefined> {
  if (process.getuid?.() !== 0) return undefined
  for (const name of ['runc', 'crun']) {
    const program = findProgram(name)
    if (!program) continue
    const said = await run(program, ['--version']).catch(() => '')
    const features = await run(program, ['features']).catch(() => '')
    const status = await readFile('/proc/self/status', 'utf8')
    return {
      program,
      version: `${name}-${/version (\d+\.\d+(?:\.\d+)?)/.exec(said)?.[1] ?? 'unknown'}`,
      recursiveReadOnly: features.includes('"rro"'),
      cgroup,
      capabilities: namesIn(/^CapBnd:\s*(\w+)$/m.exec(status)?.[1] ?? ''),
      oomScoreAdj: Number((await readFile('/proc/self/oom_score_adj', 'utf8').catch(() => '0')).trim()),
    }
  }
  return undefined
}
