/** The finer promises of a kubelet on a real container engine: what a pod may ask of its host, and how it is told what it cannot have. */
import assert from 'node:assert/strict'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import type { Pod } from '../../src/api/types/core/pod.ts'
import type { ContainerStatus } from '../../src/api/types/core/pod-status.ts'
import { leaksOf } from '../../tools/leaks.ts'
import { busyboxImage } from '../support/busybox-image.ts'
import { type Cluster, eventually, mustRun, startCluster } from '../support/cluster.ts'
import { noContainers } from '../support/engine.ts'

const skip = noContainers()
const IMAGE = 'localhost/busybox:1'
const hasAppArmor = (() => {
  try {
    return readFileSync('/sys/module/apparmor/parameters/enabled', 'utf8').trim() === 'Y'
  } catch {
    return false
  }
})()
let cluster: Cluster
let images: string
let shared: string

describe('the details of a pod', { skip }, () => {
  before(async () => {
    images = mkdtempSync(join(tmpdir(), 'en-images-'))
    writeFileSync(join(images, 'busybox.tar'), busyboxImage([IMAGE]))
    cluster = await startCluster(['--nodes', '1', '--images', images])
    const profiles = join(cluster.dataDir, 'nodes/node-1/agent/seccomp')
    mkdirSync(profiles, { recursive: true })
    writeFileSync(
      join(profiles, 'no-mkdir.json'),
      JSON.stringify({ defaultAction: 'SCMP_ACT_ALLOW', syscalls: [{ names: ['mkdir', 'mkdirat'], action: 'SCMP_ACT_ERRNO' }] }),
    )
    shared = mkdtempSync(join(tmpdir(), 'en-shared-'))
    for (const words of [
      ['--bind', shared, shared],
      ['--make-shared', shared],
    ])
      await mustRun('mount', words)
    const mounts = podNamed(
      'mounts',
      { ...sh('mkdir /v/made; mount -t tmpfs t /v/made; touch /v/made/seen; sleep 1000'), ...mounted, securityContext: { privileged: true } },
      volume({ hostPath: { path: shared } }),
    )
    Object.assign(mounts.spec.containers[0]!, { volumeMounts: [{ name: 'v', mountPath: '/v', mountPropagation: 'Bidirectional' }] })
    await apply(...Object.values(PODS), mounts, SETTINGS)
  })
  after(async () => {
    await cluster?.stop({ keepData: true })
    if (shared) await mustRun('umount', ['--recursive', shared])
    assert.deepEqual(await leaksOf(cluster.dataDir), [])
    for (const dir of [cluster.dataDir, images, shared]) rmSync(dir, { recursive: true, force: true })
  })

  const apply = async (...objects: readonly object[]) => {
    const { code, stderr } = await cluster.tryKubectl(['apply', '-f', '-'], { input: JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects }) })
    assert.equal(code, 0, stderr)
  }
  const get = async (name: string): Promise<Pod> => JSON.parse(await cluster.kubectl('get', 'pod', name, '-o', 'json')) as Pod
  const until = (name: string, check: (pod: Pod) => boolean) => eventually(() => get(name), check)
  const only = (pod: Pod): Partial<ContainerStatus> => pod.status.containerStatuses?.[0] ?? {}
  const events = (name: string, reason: string) =>
    cluster.kubectl('get', 'events', '--field-selector', `involvedObject.name=${name},reason=${reason}`, '-o', 'jsonpath={.items[*].message}')
  const said = async (name: string) => {
    await until(name, p => p.status.phase === 'Succeeded')
    return (await cluster.kubectl('logs', name)).trim().split('\n')
  }
  const refused = async (name: string) => {
    const { status } = await until(name, p => p.status.phase === 'Failed')
    return `${status.reason}: ${status.message}`
  }
  const waits = async (name: string) => {
    const pod = await until(name, p => (only(p).state?.waiting?.message ?? '') !== '')
    return `${only(pod).state?.waiting?.reason}: ${only(pod).state?.waiting?.message}`
  }

  it('runs as whom it asks, with the groups, files and limits that follow from it', async () => {
    assert.deepEqual(await said('user'), [
      '1234 2345 2345 3456 4567',
      'group 4567 may write',
      'root is read-only',
      'Seccomp: 2',
      'NoNewPrivs: 1',
      'CapBnd: 0000000000000000',
    ])
    const status = only(await get('user'))
    assert.equal(status.state?.terminated?.message, 'well done\n', 'any user may write its last words')
    assert.deepEqual(status.user, { linux: { uid: 1234, gid: 2345, supplementalGroups: [2345, 3456, 4567] } })
  })

  it('may set the sysctls that concern itself alone', async () => {
    assert.deepEqual(await said('sysctl'), ['79'])
    assert.equal(await refused('unsafe'), 'SysctlForbidden: Pod was rejected: forbidden sysctl: "kernel.msgmax" not allowlisted')
  })

  it('is refused with the reason what this host does not have', async () => {
    if (!hasAppArmor) assert.equal(await refused('apparmor'), 'AppArmor: Pod was rejected: Cannot enforce AppArmor: AppArmor is not enabled on the host')
    assert.match(
      await eventually(
        () => events('users', 'FailedCreatePodSandBox'),
        text => text !== '',
      ),
      /spec\.hostUsers: false.*user namespaces are not supported by this node/,
    )
    assert.match(await waits('root'), /^CreateContainerConfigError: container's runAsUser breaks non-root policy \(pod: "root_default\(.*\)", container: c\)$/)
    assert.equal(await waits('file'), 'CreateContainerConfigError: variables from files of a volume (fileKeyRef) are not supported by this node')
    assert.match(
      await waits('recursive'),
      /^CreateContainerConfigError: .*volume "v" requested recursive read-only mode, but it is not supported by the runtime$/,
    )
  })

  it('is confined by a profile that lies on its node', async () => {
    assert.deepEqual(await said('profile'), ['Seccomp: 2', 'no directories'])
  })

  it('sees the processes of its pod, names of its own, and the resolver it describes', async () => {
    assert.deepEqual(await said('names'), ['/pause', '192.0.2.7 one two', 'search example.org', 'nameserver 192.0.2.53', 'options ndots:3 edns0'])
    assert.deepEqual(await said('fqdn'), ['own.group.default.svc.cluster.local'])
  })

  it('finds variables in their order, amounts in its units, and its part of a volume', async () => {
    assert.deepEqual(await said('variables'), [
      'P_colour=green',
      'late=$(colour)-$(missing)-$(P)',
      'seen=green/$(late_too)',
      'cpu=250 cpus=1 memory=16 asked=16777216',
      'variables/part',
      'settings: green app: variables token: yes',
    ])
  })

  it('restarts by the rules of its containers', async () => {
    const pod = await until('rules', p => p.status.phase === 'Failed')
    assert.deepEqual([only(pod).restartCount, only(pod).state?.terminated?.exitCode], [1, 3])
  })

  it('is told to end with the signal that it names', async () => {
    await until('signal', p => only(p).state?.running !== undefined)
    await cluster.kubectl('exec', 'signal', '--', 'sh', '-c', 'until [ -e /shared/ready ]; do sleep 0.1; done')
    const watching = cluster.kubectl('logs', '-f', 'signal')
    await cluster.kubectl('delete', 'pod', 'signal', '--wait=false')
    assert.match(await watching, /usr1/)
  })

  it('is entered by an ephemeral container that sees the processes of its target', async () => {
    await until('target', p => only(p).state?.running !== undefined)
    const { code, stderr } = await cluster.tryKubectl(['replace', '--raw', '/api/v1/namespaces/default/pods/target/ephemeralcontainers', '-f', '-'], {
      input: JSON.stringify({
        ...(await get('target')),
        spec: {
          ...(await get('target')).spec,
          ephemeralContainers: [
            {
              name: 'debug',
              image: IMAGE,
              targetContainerName: 'c',
              command: ['sh', '-c', "tr '\\0' ' ' < /proc/1/cmdline 2>/dev/null || cat /proc/1/cmdline"],
            },
          ],
        },
      }),
    })
    assert.equal(code, 0, stderr)
    await until('target', p => p.status.ephemeralContainerStatuses?.[0]?.state?.terminated !== undefined)
    assert.match(await cluster.kubectl('logs', 'target', '-c', 'debug'), /sleep.1234/)
  })

  it('waits for what needs a driver, and says so', async () => {
    const reasons = {
      csi: /volume "v" : it is of type csi, which needs a driver or a provisioner that this node does not have/,
      claim: /volume "v" : it is of type persistentVolumeClaim, which needs a driver/,
      image: /volume "v" : it is of type image, which needs an engine that mounts images/,
    }
    for (const [name, wanted] of Object.entries(reasons)) {
      assert.match(
        await eventually(
          () => events(name, 'FailedMount'),
          text => text !== '',
        ),
        wanted,
      )
      assert.equal((await get(name)).status.phase, 'Pending')
    }
  })

  it('is killed when it takes more memory than it has', async () => {
    const pod = await until('greedy', p => only(p).state?.terminated !== undefined)
    assert.deepEqual([only(pod).state?.terminated?.reason, only(pod).state?.terminated?.exitCode], ['OOMKilled', 137])
  })

  it('is evicted when it fills more of the disk than it may', async () => {
    const messages = ['hungry', 'noisy'].map(async name => {
      const { status } = await until(name, p => p.status.phase === 'Failed')
      return `${status.reason}: ${status.message}`
    })
    assert.deepEqual(await Promise.all(messages), [
      'Evicted: Usage of EmptyDir volume "v" exceeds the limit "1Mi". ',
      'Evicted: Pod ephemeral local storage usage exceeds the total limit of containers 1Mi. ',
    ])
  })

  it('shares the limits of its pod, and the pod those of its containers', async () => {
    assert.deepEqual(await said('together'), ['67108864'])
    assert.deepEqual(await said('sum'), ['33554432'])
  })

  it('gets more or less processor and memory while it runs', async () => {
    await until('resized', p => only(p).state?.running !== undefined)
    const resize = (resources: object) => {
      const body = JSON.stringify({ spec: { containers: [{ name: 'c', resources }] } })
      return cluster.kubectl('patch', 'pod', 'resized', '--subresource', 'resize', '--type', 'strategic', '-p', body)
    }
    const settled = (check: (pod: Pod) => boolean) =>
      until(
        'resized',
        p => p.status.observedGeneration === p.metadata.generation && !p.status.conditions?.some(c => c.type === 'PodResizeInProgress') && check(p),
      )
    const is = (cpu: string) => (pod: Pod) => only(pod).resources?.limits?.['cpu'] === cpu
    const quota = () =>
      cluster.kubectl(
        'exec',
        'resized',
        '--',
        'sh',
        '-c',
        'cat /sys/fs/cgroup/cpu.max /sys/fs/cgroup/cpu/cpu.cfs_quota_us 2>/dev/null | head -1 | sed "s/ .*//"',
      )
    assert.equal((await quota()).trim(), '10000')
    await resize({ limits: { cpu: '300m', memory: '48Mi' } })
    const grown = await settled(is('300m'))
    assert.equal((await quota()).trim(), '30000')
    assert.deepEqual([only(grown).restartCount, only(grown).allocatedResources], [0, { cpu: '50m', memory: '16Mi' }])
    await resize({ limits: { cpu: '80m' } })
    await settled(is('80m'))
    assert.equal((await quota()).trim(), '8000')
    await resize({ requests: { cpu: '1000' }, limits: { cpu: '1000' } })
    const waiting = await until('resized', p => p.status.conditions?.some(c => c.type === 'PodResizePending') === true)
    const condition = waiting.status.conditions?.find(c => c.type === 'PodResizePending')
    assert.match(`${condition?.reason}: ${condition?.message}`, /^Infeasible: Node didn't have enough capacity: cpu, requested: 1000000, capacity: \d+$/)
    assert.equal((await quota()).trim(), '8000')
    await resize({ requests: { cpu: '50m' }, limits: { cpu: '80m' } })
    await until('resized', p => !p.status.conditions?.some(c => c.type === 'PodResizePending'))
  })

  it('lets others see what it mounts, where it may', async () => {
    await until('mounts', p => only(p).state?.running !== undefined)
    await eventually(
      async () => existsSync(join(shared, 'made/seen')),
      seen => seen,
    )
  })
})

const SETTINGS = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'settings' }, data: { colour: 'green' } }
const sh = (...lines: readonly string[]) => ({ command: ['sh', '-c', lines.join('\n')] })
const STATUS = (...keys: readonly string[]) => `for k in ${keys.join(' ')}; do grep "^$k:" /proc/self/status | while read -r a b; do echo "$a $b"; done; done`

function podNamed(name: string, container: object, spec: object = {}) {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, labels: { app: name } },
    spec: { restartPolicy: 'Never', terminationGracePeriodSeconds: 2, containers: [{ name: 'c', image: IMAGE, ...container }], ...spec },
  }
}

const idle = sh('sleep 1000')
const volume = (source: object) => ({ volumes: [{ name: 'v', ...source }] })
const mounted = { volumeMounts: [{ name: 'v', mountPath: '/v' }] }
/** Prints the memory limit of the cgroup that holds those of the pod. */
const OWN_LIMIT = {
  volumeMounts: [{ name: 'v', mountPath: '/host', readOnly: true }],
  ...sh(
    'while IFS=: read -r n c p; do case "$c" in memory|"") g=$p;; esac; done < /proc/self/cgroup',
    'for f in /host/memory$g/../memory.limit_in_bytes /host$g/../memory.max; do [ -e "$f" ] && cat "$f"; done',
    'true',
  ),
}
const PODS = {
  user: podNamed(
    'user',
    {
      ...sh(
        'echo $(id -u) $(id -g) $(id -G)',
        'touch /v/x && echo group $(stat -c %g /v/x) may write',
        'touch /x 2>/dev/null || echo root is read-only',
        STATUS('Seccomp', 'NoNewPrivs', 'CapBnd'),
        'echo well done > /dev/termination-log',
      ),
      ...mounted,
      securityContext: { readOnlyRootFilesystem: true, allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
    },
    {
      ...volume({ emptyDir: {} }),
      securityContext: {
        runAsUser: 1234,
        runAsGroup: 2345,
        runAsNonRoot: true,
        supplementalGroups: [3456],
        fsGroup: 4567,
        fsGroupChangePolicy: 'OnRootMismatch',
        seccompProfile: { type: 'RuntimeDefault' },
      },
    },
  ),
  sysctl: podNamed('sysctl', sh('cat /proc/sys/net/ipv4/ip_unprivileged_port_start'), {
    securityContext: { sysctls: [{ name: 'net.ipv4.ip_unprivileged_port_start', value: '79' }] },
  }),
  unsafe: podNamed('unsafe', idle, { securityContext: { sysctls: [{ name: 'kernel.msgmax', value: '1' }] } }),
  apparmor: podNamed('apparmor', idle, { securityContext: { appArmorProfile: { type: 'RuntimeDefault' } } }),
  users: podNamed('users', idle, { hostUsers: false }),
  root: podNamed('root', { ...idle, securityContext: { runAsNonRoot: true, runAsUser: 0 } }),
  recursive: podNamed(
    'recursive',
    { ...idle, volumeMounts: [{ name: 'v', mountPath: '/v', readOnly: true, recursiveReadOnly: 'Enabled' }] },
    volume({ emptyDir: {} }),
  ),
  profile: podNamed('profile', sh(STATUS('Seccomp'), 'mkdir /tmp/x 2>/dev/null || echo no directories'), {
    securityContext: { seccompProfile: { type: 'Localhost', localhostProfile: 'no-mkdir.json' } },
  }),
  names: podNamed(
    'names',
    sh(
      'ps | grep -o "[/]pause" | head -n 1 2>/dev/null || ps | grep -o "[/]pause"',
      'grep -v "^#" /etc/hosts | while read -r a b c; do [ "$a" = 192.0.2.7 ] && echo "$a $b $c"; done',
      'cat /etc/resolv.conf | while read -r a; do [ -n "$a" ] && echo "$a"; done',
    ),
    {
      shareProcessNamespace: true,
      hostAliases: [{ ip: '192.0.2.7', hostnames: ['one', 'two'] }],
      dnsPolicy: 'None',
      dnsConfig: { nameservers: ['192.0.2.53'], searches: ['example.org'], options: [{ name: 'ndots', value: '3' }, { name: 'edns0' }] },
    },
  ),
  variables: podNamed(
    'variables',
    {
      ...sh(
        'echo "P_colour=$P_colour"; echo "late=$late"; echo "seen=$seen"; echo "cpu=$CPU cpus=$CPUS memory=$MEMORY asked=$ASKED"',
        'echo here > /part/file; cd /whole; ls -d */part',
        'echo "settings: $(cat /all/colour) app: $(cat /all/app) token: $([ -s /all/token ] && echo yes)"',
      ),
      envFrom: [{ prefix: 'P_', configMapRef: { name: 'settings' } }, { secretRef: { name: 'nowhere', optional: true } }],
      env: [
        { name: 'late', value: '$(colour)-$(missing)-$$(P)' },
        { name: 'seen', value: '$(P_colour)/$(late_too)' },
        { name: 'late_too', value: 'x' },
        { name: 'NAME', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
        { name: 'CPU', valueFrom: { resourceFieldRef: { resource: 'limits.cpu', divisor: '1m' } } },
        { name: 'CPUS', valueFrom: { resourceFieldRef: { resource: 'limits.cpu' } } },
        { name: 'MEMORY', valueFrom: { resourceFieldRef: { resource: 'requests.memory', divisor: '1Mi' } } },
        { name: 'ASKED', valueFrom: { resourceFieldRef: { resource: 'requests.memory' } } },
      ],
      resources: { requests: { memory: '16Mi' }, limits: { cpu: '250m' } },
      volumeMounts: [
        { name: 'v', mountPath: '/part', subPathExpr: '$(NAME)/part' },
        { name: 'v', mountPath: '/whole' },
        { name: 'all', mountPath: '/all' },
      ],
    },
    {
      volumes: [
        { name: 'v', emptyDir: {} },
        {
          name: 'all',
          projected: {
            sources: [
              { configMap: { name: 'settings' } },
              { secret: { name: 'nowhere', optional: true } },
              { downwardAPI: { items: [{ path: 'app', fieldRef: { fieldPath: "metadata.labels['app']" } }] } },
              { serviceAccountToken: { path: 'token', audience: 'somebody', expirationSeconds: 600 } },
            ],
          },
        },
      ],
    },
  ),
  rules: podNamed(
    'rules',
    {
      ...sh('[ -e /v/again ] && exit 3', 'touch /v/again; exit 42'),
      ...mounted,
      restartPolicy: 'Never',
      restartPolicyRules: [{ action: 'Restart', exitCodes: { operator: 'In', values: [42] } }],
    },
    volume({ emptyDir: {} }),
  ),
  signal: podNamed(
    'signal',
    {
      ...sh('trap "echo usr1; exit 0" USR1', 'trap "echo term; exit 0" TERM', 'touch /shared/ready', 'while :; do sleep 0.1; done'),
      volumeMounts: [{ name: 'v', mountPath: '/shared' }],
      lifecycle: { stopSignal: 'SIGUSR1' },
    },
    { ...volume({ emptyDir: {} }), os: { name: 'linux' } },
  ),
  target: podNamed('target', { command: ['sleep', '1234'] }),
  csi: podNamed('csi', { ...idle, ...mounted }, volume({ csi: { driver: 'x.example.org' } })),
  claim: podNamed('claim', { ...idle, ...mounted }, volume({ persistentVolumeClaim: { claimName: 'x' } })),
  image: podNamed('image', { ...idle, ...mounted }, volume({ image: { reference: IMAGE } })),
  hungry: podNamed('hungry', { ...sh('head -c 4194304 /dev/zero > /v/file', 'sleep 1000'), ...mounted }, volume({ emptyDir: { sizeLimit: '1Mi' } })),
  noisy: podNamed('noisy', { ...sh('head -c 4194304 /dev/zero > /file', 'sleep 1000'), resources: { limits: { 'ephemeral-storage': '1Mi' } } }),
  fqdn: podNamed('fqdn', sh('hostname'), { hostname: 'own', subdomain: 'group', setHostnameAsFQDN: true }),
  file: podNamed('file', { ...idle, env: [{ name: 'A', valueFrom: { fileKeyRef: { volumeName: 'v', path: 'file', key: 'A' } } }] }, volume({ emptyDir: {} })),
  greedy: podNamed('greedy', { ...sh('x=a; while :; do x=$x$x; done'), resources: { limits: { memory: '16Mi' } } }),
  together: podNamed('together', OWN_LIMIT, { resources: { limits: { memory: '64Mi', cpu: '500m' } }, ...volume({ hostPath: { path: '/sys/fs/cgroup' } }) }),
  sum: podNamed('sum', { ...OWN_LIMIT, resources: { limits: { memory: '32Mi' } } }, volume({ hostPath: { path: '/sys/fs/cgroup' } })),
  resized: podNamed('resized', {
    ...sh("trap 'exit 0' TERM", 'sleep 1000 & wait'),
    resources: { requests: { cpu: '50m', memory: '16Mi' }, limits: { cpu: '100m', memory: '32Mi' } },
  }),
}
