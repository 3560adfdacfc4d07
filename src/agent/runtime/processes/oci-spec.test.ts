import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Container } from '../../../api/types/core/container.ts'
import type { PodSpec } from '../../../api/types/core/pod.ts'
import { contractPod } from '../contract.ts'
import { accountOf } from './accounts.ts'
import { capabilitiesOf, namesIn } from './capabilities.ts'
import { ociSpec } from './oci-spec.ts'
import { refusal } from './refusal.ts'

const held = ['CAP_CHOWN', 'CAP_KILL', 'CAP_NET_ADMIN', 'CAP_SYS_ADMIN', 'CAP_SYS_RESOURCE']
const limits = { cpu_shares: 102, cpu_quota: 20_000, cpu_period: 100_000, memory_limit_in_bytes: 4096, oom_score_adj: -997 }

interface Spec {
  readonly process: Record<string, unknown> & { readonly capabilities: { readonly bounding: readonly string[] } }
  readonly root: object
  readonly mounts: readonly { readonly destination: string; readonly type: string; readonly options: readonly string[] }[]
  readonly linux: Record<string, unknown> & { readonly namespaces: readonly { readonly type: string }[]; readonly resources: object }
}

function specOf(container: Partial<Container>, pod: Partial<PodSpec> = {}, capabilities: readonly string[] = held): Spec {
  const setup = {
    command: ['daemon'],
    args: ['-v'],
    mounts: [
      { container_path: '/data', host_path: '/var/data', readonly: true, propagation: 1 },
      { container_path: '/etc/hosts', host_path: '/x' },
    ],
    limits,
  }
  return ociSpec({
    pod: contractPod('p', pod),
    container: { name: 'c', ...container },
    setup,
    account: { uid: 7, gid: 8, groups: [9] },
    env: { A: 'b' },
    cgroup: '/everynode/podp/c',
    seccomp: { defaultAction: 'SCMP_ACT_KILL' },
    host: { capabilities, oomScoreAdj: 5 },
  }) as Spec
}

test('a confined process has its user, command, limits and volumes, and the host for the rest', () => {
  const spec = specOf({ workingDir: '/srv' })
  assert.deepEqual(spec.process, {
    terminal: false,
    user: { uid: 7, gid: 8, additionalGids: [9] },
    args: ['daemon', '-v'],
    env: ['A=b'],
    cwd: '/srv',
    capabilities: { bounding: ['CAP_CHOWN', 'CAP_KILL'], effective: ['CAP_CHOWN', 'CAP_KILL'], permitted: ['CAP_CHOWN', 'CAP_KILL'] },
    noNewPrivileges: false,
    oomScoreAdj: -997,
  })
  assert.deepEqual(
    spec.mounts.map(m => [m.destination, m.type]),
    [
      ['/proc', 'proc'],
      ['/dev', 'tmpfs'],
      ['/dev/pts', 'devpts'],
      ['/dev/shm', 'tmpfs'],
      ['/data', 'bind'],
      ['/etc/hosts', 'bind'],
    ],
  )
  assert.deepEqual(
    spec.mounts.slice(4).map(m => m.options),
    [
      ['rbind', 'ro', 'rslave'],
      ['rbind', 'rw', 'rprivate'],
    ],
  )
  assert.deepEqual(spec.linux.resources, {
    devices: [{ allow: false, access: 'rwm' }],
    cpu: { shares: 102, quota: 20_000, period: 100_000 },
    memory: { limit: 4096 },
  })
  assert.equal(spec.linux['cgroupsPath'], '/everynode/podp/c')
  assert.deepEqual(
    spec.linux.namespaces.map(n => n.type),
    ['mount', 'pid', 'ipc'],
  )
})

test('security contexts reach the specification', () => {
  const privileged = specOf({ securityContext: { privileged: true } }, { hostPID: true, hostIPC: true })
  assert.deepEqual(privileged.process.capabilities.bounding, held)
  assert.deepEqual(privileged.mounts.map(m => [m.destination, m.type]).slice(0, 1), [['/dev', 'bind']])
  assert.deepEqual(privileged.linux.namespaces, [{ type: 'mount' }])
  assert.equal('maskedPaths' in privileged.linux, false)
  const tight = specOf(
    { securityContext: { readOnlyRootFilesystem: true, allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'], add: ['NET_ADMIN'] } } },
    { securityContext: { seccompProfile: { type: 'RuntimeDefault' } } },
    held.filter(name => name !== 'CAP_SYS_RESOURCE'),
  )
  assert.deepEqual(tight.root, { path: 'root', readonly: true })
  assert.equal(tight.process['noNewPrivileges'], true)
  assert.deepEqual(tight.process.capabilities.bounding, ['CAP_NET_ADMIN'])
  assert.equal(tight.process['oomScoreAdj'], 5, 'a score below its own takes a capability that the agent does not have')
  const names = (tight.linux['seccomp'] as { syscalls: { names: string[] }[] }).syscalls.flatMap(s => s.names)
  assert.ok(names.includes('mount') && names.includes('kexec_load') && !names.includes('openat'))
  const local = specOf({ securityContext: { seccompProfile: { type: 'Localhost', localhostProfile: 'x.json' } } })
  assert.deepEqual(local.linux['seccomp'], { defaultAction: 'SCMP_ACT_KILL' })
})

test('capabilities are added and dropped by name or all at once, never beyond what the host holds', () => {
  const cases: [Parameters<typeof capabilitiesOf>[0], readonly string[]][] = [
    [undefined, ['CAP_CHOWN', 'CAP_KILL']],
    [{ add: ['net_admin', 'CAP_SYS_BOOT'], drop: ['KILL'] }, ['CAP_CHOWN', 'CAP_NET_ADMIN']],
    [{ drop: ['ALL'] }, []],
    [{ add: ['ALL'], drop: ['SYS_ADMIN'] }, ['CAP_CHOWN', 'CAP_KILL', 'CAP_NET_ADMIN', 'CAP_SYS_RESOURCE']],
  ]
  for (const [asked, wanted] of cases) assert.deepEqual(capabilitiesOf(asked, false, held), wanted)
  assert.deepEqual(namesIn('3'), ['CAP_CHOWN', 'CAP_DAC_OVERRIDE'])
  assert.equal(namesIn('1ffffffffff').at(-1), 'CAP_CHECKPOINT_RESTORE')
})

test('an account takes its group and groups from the host, unless the pod names them', () => {
  const passwd = 'root:x:0:0::/:/bin/sh\nweb:x:33:34::/:/bin/sh\n'
  const group = 'adm:x:4:web,other\nweb:x:34:\nssl:x:35:web\n'
  const cases: [Parameters<typeof accountOf>[0], object][] = [
    [
      { groups: [], strict: false },
      { uid: 0, gid: 0, groups: [] },
    ],
    [
      { uid: 33, groups: [7], strict: false },
      { uid: 33, gid: 34, groups: [4, 35, 7] },
    ],
    [
      { uid: 33, gid: 4, groups: [7], strict: true },
      { uid: 33, gid: 4, groups: [7] },
    ],
    [
      { uid: 999, groups: [], strict: false },
      { uid: 999, gid: 0, groups: [] },
    ],
  ]
  for (const [asked, wanted] of cases) assert.deepEqual(accountOf(asked, 0, passwd, group), wanted)
})

test('what would give a process more than its pod allows is refused', () => {
  const root = { confined: true, own: 0 }
  const plain = { confined: false, own: 1000 }
  const command = ['daemon']
  const cases: [Partial<Container>, Partial<PodSpec>, typeof root, RegExp | undefined][] = [
    [{}, {}, root, /has no command/],
    [{ command }, {}, root, undefined],
    [{ command, securityContext: { runAsNonRoot: true } }, {}, root, /would run as root, as this agent does/],
    [{ command, securityContext: { runAsNonRoot: true, runAsUser: 33 } }, {}, root, undefined],
    [{ command }, { securityContext: { runAsNonRoot: true, runAsUser: 0 } }, root, /would run as root, as runAsUser says/],
    [{ command }, { securityContext: { sysctls: [{ name: 'kernel.shm_rmid_forced', value: '1' }] } }, root, /kernel\.shm_rmid_forced/],
    [{ command }, { shareProcessNamespace: true }, root, /cannot share a process namespace/],
    [{ command, volumeMounts: [{ name: 'v', mountPath: '/v', mountPropagation: 'Bidirectional' }] }, {}, root, /Bidirectional/],
    [{ command, securityContext: { appArmorProfile: { type: 'RuntimeDefault' } } }, {}, root, /AppArmor/],
    [{ command, securityContext: { runAsUser: 33 } }, {}, plain, /asks for user 33; its process would run as user 1000/],
    [{ command, securityContext: { readOnlyRootFilesystem: true } }, {}, plain, /asks for readOnlyRootFilesystem, which needs an agent that runs as root/],
    [{ command, securityContext: { runAsUser: 1000, runAsNonRoot: true } }, {}, plain, undefined],
  ]
  for (const [container, pod, holding, wanted] of cases) {
    const said = refusal(contractPod('p', pod), { name: 'c', ...container }, holding)
    if (wanted) assert.match(said ?? '', wanted)
    else assert.equal(said, undefined)
  }
})
