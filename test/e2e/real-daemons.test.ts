/** Daemons that people really run, as Debian builds them, on three local nodes: exporters that Prometheus scrapes, a log shipper, a web server. */
import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import type { Endpoints } from '../../src/api/types/core/endpoints.ts'
import type { Pod } from '../../src/api/types/core/pod.ts'
import { leaksOf } from '../../tools/leaks.ts'
import { missing } from '../../tools/testing/programs.ts'
import { NGINX, NODE_EXPORTER, PROMETHEUS, RSYSLOG } from '../../tools/testing/unpacked.ts'
import { busyboxImage } from '../support/busybox-image.ts'
import { type Cluster, eventually, run, startCluster } from '../support/cluster.ts'
import { noContainers } from '../support/engine.ts'
import { daemonSet } from '../support/manifests.ts'
import { programImage } from '../support/program-image.ts'

const skip = noContainers() || missing('kubectl', 'curl', PROMETHEUS, NODE_EXPORTER, RSYSLOG, NGINX)
const NODES = ['node-1', 'node-2', 'node-3']
const NODE = { name: 'NODE', valueFrom: { fieldRef: { fieldPath: 'spec.nodeName' } } }
let cluster: Cluster
let directory: string

describe('real daemons', { skip }, () => {
  before(async () => {
    directory = mkdtempSync(join(tmpdir(), 'en-'))
    const images = { exporter: exporterImage(), rsyslog: rsyslogImage(), nginx: nginxImage(), busybox: busyboxImage(['localhost/busybox:1']) }
    for (const [name, archive] of Object.entries(images)) writeFileSync(join(directory, `${name}.tar`), archive)
    cluster = await startCluster(['--nodes', '3', '--images', directory], { dataDir: join(directory, 'data') })
  })
  after(async () => {
    await cluster?.stop({ keepData: true })
    assert.deepEqual(await leaksOf(cluster.dataDir), [])
    rmSync(directory, { recursive: true, force: true })
  })

  const apply = async (...manifests: readonly string[]) => {
    const { code, stderr } = await cluster.tryKubectl(['apply', '-f', '-'], { input: manifests.join('\n') })
    assert.equal(code, 0, stderr)
  }
  const rolledOut = (name: string) => cluster.kubectl('rollout', 'status', `ds/${name}`, '--timeout=60s')
  const podsOf = async (name: string): Promise<readonly Pod[]> =>
    (JSON.parse(await cluster.kubectl('get', 'pods', '-l', `app=${name}`, '-o', 'json')) as { items: Pod[] }).items

  it('promise 16: a node exporter on every node is found through its Service and scraped by Prometheus, one target each', async () => {
    await apply(exporter('node-exporter', { flags: ['--path.rootfs=/host'], port: 9100 }), headless('node-exporter', 9100))
    await rolledOut('node-exporter')
    const found = createServer((_, response) => {
      void targetsOf('node-exporter').then(targets => response.setHeader('content-type', 'application/json').end(JSON.stringify(targets)))
    })
    const prometheus = await startPrometheus(await listen(found, '127.0.0.1'))
    try {
      const targets = await eventually(
        async () => (await prometheus.ask('targets?state=active')).activeTargets,
        all => all.length === NODES.length && all.every(target => target.health === 'up'),
        40_000,
      )
      assert.deepEqual(targets.map(target => target.labels['node']).sort(), NODES)
      const { result } = await eventually(
        () => prometheus.ask('query?query=node_uname_info'),
        answer => answer.result?.length === NODES.length,
      )
      assert.deepEqual(result?.map(({ metric }) => metric['node']).sort(), NODES)
    } finally {
      await prometheus.stop()
      await closed(found)
      await cluster.kubectl('delete', 'ds,service', 'node-exporter')
    }
  })

  it('promise 6: two sets of one daemon for different hardware run side by side, each with its own flags', async () => {
    await cluster.kubectl('label', 'node', 'node-1', 'hardware=accelerated')
    await cluster.kubectl('label', 'node', 'node-2', 'node-3', 'hardware=plain')
    const flags = (collector: string) => ['--path.rootfs=/host', '--collector.disable-defaults', `--collector.${collector}`]
    await apply(
      exporter('accelerated', { flags: flags('loadavg'), port: 9200, nodes: { hardware: 'accelerated' }, cpu: '50m' }),
      exporter('plain', { flags: flags('uname'), port: 9200, nodes: { hardware: 'plain' }, cpu: '10m' }),
    )
    await rolledOut('accelerated')
    await rolledOut('plain')
    const says = await Promise.all(
      [...(await podsOf('accelerated')), ...(await podsOf('plain'))].map(async ({ spec, status }) => {
        const metrics = await eventually(
          () => curl(`http://${status.hostIP}:9200/metrics`),
          text => text !== '',
        )
        return `${spec.nodeName} ${['node_load1 ', 'node_uname_info{'].filter(name => metrics.includes(`\n${name}`)).join()}`
      }),
    )
    assert.deepEqual(says.sort(), ['node-1 node_load1 ', 'node-2 node_uname_info{', 'node-3 node_uname_info{'])
    await cluster.kubectl('delete', 'ds', 'accelerated', 'plain')
  })

  it('promise 12: nginx answers on its host port at the address of each node', async () => {
    await apply(
      daemonSet({
        name: 'nginx',
        image: 'localhost/nginx:1',
        container: {
          env: [NODE],
          ports: [{ containerPort: 8080, hostPort: 80 }],
          readinessProbe: { httpGet: { path: '/', port: 8080 }, periodSeconds: 1 },
          command: ['sh', '-c', 'mkdir -p /www; echo "nginx of $NODE" > /www/index.html; exec nginx'],
        },
      }),
    )
    await rolledOut('nginx')
    const answers = await Promise.all((await podsOf('nginx')).map(({ status }) => curl(`http://${status.hostIP}/`)))
    assert.deepEqual(
      answers.sort(),
      NODES.map(node => `nginx of ${node}`),
    )
    await cluster.kubectl('delete', 'ds', 'nginx')
  })

  it('promise 15: rsyslog reads the logs of all containers of its node and sends each line once, also when it starts again in the middle', async () => {
    const received: string[] = []
    const sink = createServer((request, response) => {
      const body: Buffer[] = []
      request
        .on('data', chunk => body.push(chunk))
        .on('end', () => {
          received.push(Buffer.concat(body).toString())
          response.end()
        })
    })
    const [address = ''] = (await cluster.kubectl('get', 'nodes', '-o', 'jsonpath={.items[0].status.addresses[?(@.type=="InternalIP")].address}')).split(' ')
    const port = await listen(sink, address.replace(/\.\d+$/, '.1'))
    try {
      await apply(rsyslogConfig(`http://${address.replace(/\.\d+$/, '.1')}:${port}/`), shipper())
      await rolledOut('shipper')
      await apply(
        daemonSet({
          name: 'talker',
          image: 'localhost/busybox:1',
          container: { command: ['sh', '-c', 'for i in $(seq 40); do echo "$HOSTNAME says $i"; sleep 0.1; done; sleep 1000'] },
        }),
      )
      await rolledOut('talker')
      const shippers = await podsOf('shipper')
      await cluster.kubectl('delete', 'pod', shippers[0]!.metadata.name)
      const talkers = await podsOf('talker')
      const expected = talkers.flatMap(({ metadata, spec }) => Array.from({ length: 40 }, (_, i) => `${spec.nodeName} ${metadata.name} says ${i + 1}`)).sort()
      const lines = () => received.filter(line => line.includes(' says '))
      await eventually(
        () => new Set(lines()).size,
        count => count === expected.length,
        40_000,
      )
      assert.deepEqual(lines().sort(), expected)
    } finally {
      await cluster.kubectl('delete', 'ds', 'talker', 'shipper', '--ignore-not-found')
      await closed(sink)
    }
  })

  /** Targets as Prometheus' HTTP service discovery wants them, of the addresses that the API has. */
  async function targetsOf(service: string): Promise<readonly object[]> {
    const { subsets = [] } = JSON.parse(await cluster.kubectl('get', 'endpoints', service, '-o', 'json')) as Endpoints
    return subsets.flatMap(({ addresses = [], ports = [] }) =>
      addresses.map(({ ip, nodeName }) => ({ targets: [`${ip}:${ports[0]?.port}`], labels: { node: nodeName } })),
    )
  }

  async function startPrometheus(discovery: number): Promise<Prometheus> {
    const config = join(directory, 'prometheus.json')
    const sd = [{ url: `http://127.0.0.1:${discovery}/`, refresh_interval: '1s' }]
    writeFileSync(
      config,
      JSON.stringify({ global: { scrape_interval: '1s', scrape_timeout: '1s' }, scrape_configs: [{ job_name: 'nodes', http_sd_configs: sd }] }),
    )
    const words = [`--config.file=${config}`, `--storage.tsdb.path=${join(directory, 'tsdb')}`, '--web.listen-address=127.0.0.1:0', '--log.level=info']
    const child = spawn(PROMETHEUS, words, { stdio: ['ignore', 'ignore', 'pipe'] })
    const port = await portOf(child)
    return {
      ask: async path => ((await (await fetch(`http://127.0.0.1:${port}/api/v1/${path}`)).json()) as { data: Answer }).data,
      async stop() {
        child.kill('SIGTERM')
        await once(child, 'exit')
      },
    }
  }
})

interface Answer {
  readonly activeTargets: readonly { readonly health: string; readonly labels: Readonly<Record<string, string>> }[]
  readonly result?: readonly { readonly metric: Readonly<Record<string, string>> }[]
}

interface Prometheus {
  ask(path: string): Promise<Answer>
  stop(): Promise<void>
}

/** The port that Prometheus says it listens on. */
function portOf({ stderr }: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    let said = ''
    stderr!.setEncoding('utf8').on('data', (text: string) => {
      said = (said + text).slice(-20_000)
      const found = /Listening on" address=127\.0\.0\.1:(\d+)/.exec(said)?.[1]
      if (found) resolve(Number(found))
    })
    stderr!.once('close', () => reject(new Error(`prometheus ended: ${said}`)))
  })
}

const curl = async (url: string): Promise<string> => (await run('curl', ['-s', '-m', '5', url])).stdout.replace(/\n$/, '')

async function listen(server: Server, host: string): Promise<number> {
  server.listen(0, host)
  await once(server, 'listening')
  return (server.address() as { port: number }).port
}

async function closed(server: Server): Promise<void> {
  server.close()
  server.closeAllConnections()
  await once(server, 'close')
}

interface ExporterOptions {
  readonly flags: readonly string[]
  readonly port: number
  readonly nodes?: Readonly<Record<string, string>>
  readonly cpu?: string
}

function exporter(name: string, { flags, port, nodes, cpu = '10m' }: ExporterOptions): string {
  return daemonSet({
    name,
    image: 'localhost/node-exporter:1',
    pod: {
      hostNetwork: true,
      hostPID: true,
      ...(nodes && { nodeSelector: nodes }),
      volumes: [{ name: 'root', hostPath: { path: '/' } }],
    },
    container: {
      command: ['/bin/node-exporter', ...flags, '--web.listen-address=$(HOST_IP):$(PORT)'],
      env: [
        { name: 'HOST_IP', valueFrom: { fieldRef: { fieldPath: 'status.hostIP' } } },
        { name: 'PORT', value: String(port) },
      ],
      ports: [{ name: 'metrics', containerPort: port, hostPort: port }],
      resources: { requests: { cpu, memory: '16Mi' } },
      readinessProbe: { httpGet: { path: '/', port: 'metrics' }, periodSeconds: 1 },
      volumeMounts: [{ name: 'root', mountPath: '/host', mountPropagation: 'HostToContainer', readOnly: true }],
    },
  })
}

const headless = (app: string, port: number): string =>
  JSON.stringify({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: app },
    spec: { clusterIP: 'None', selector: { app }, ports: [{ name: 'metrics', port }] },
  })

const exporterImage = (): Buffer => programImage({ name: 'localhost/node-exporter:1', programs: { 'bin/node-exporter': NODE_EXPORTER } })

const NGINX_CONF = `daemon off; pid /tmp/nginx.pid; error_log stderr; worker_processes 1; user root;
events {}
http { access_log off; server { listen 8080; root /www; } }
`

const nginxImage = (): Buffer =>
  programImage({
    name: 'localhost/nginx:1',
    programs: { 'bin/nginx': NGINX },
    files: {
      'etc/nginx/nginx.conf': NGINX_CONF,
      'etc/passwd': 'root:x:0:0:root:/:/bin/sh\n',
      'etc/group': 'root:x:0:\n',
    },
    directories: ['var/lib/nginx', 'var/log/nginx'],
  })

const LIBRARIES = skip ? '' : join(dirname(RSYSLOG), '../lib', readdirSync(join(dirname(RSYSLOG), '../lib')).find(name => name.endsWith('-linux-gnu')) ?? '')

function rsyslogImage(): Buffer {
  const modules = ['imfile', 'omprog', 'lmnet'].map(name => [`modules/${name}.so`, join(LIBRARIES, 'rsyslog', `${name}.so`)])
  return programImage({ name: 'localhost/rsyslog:1', programs: { 'bin/rsyslogd': RSYSLOG, ...Object.fromEntries(modules) }, libraries: `${LIBRARIES}/` })
}

/** What rsyslog reads is remembered beside the node's logs; the program that sends a line says OK once the sink has it. */
function rsyslogConfig(sink: string): string {
  const config = `global(workDirectory="/state")
module(load="imfile" mode="polling" pollingInterval="1")
module(load="omprog")
main_queue(queue.type="Direct")
template(name="line" type="string" string="%msg%\\n")
input(type="imfile" file="/var/log/containers/*.log" tag="container" ruleset="ship" persistStateInterval="1" sortFiles="on")
ruleset(name="ship" queue.type="Direct") { action(type="omprog" binary="/etc/shipper/send.sh" template="line" confirmMessages="on" signalOnClose="on") }
`
  const send = `#!/bin/sh
echo OK
while read -r time stream part text; do wget -q -O /dev/null --post-data="$NODE $text" ${sink} && echo OK || echo FAILED; done
`
  const data = { 'rsyslog.conf': config, 'send.sh': send }
  return JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'shipper' }, data })
}

const shipper = (): string =>
  daemonSet({
    name: 'shipper',
    image: 'localhost/rsyslog:1',
    pod: {
      terminationGracePeriodSeconds: 10,
      volumes: [
        { name: 'log', hostPath: { path: '/var/log' } },
        { name: 'state', hostPath: { path: join(directory, 'shipper'), type: 'DirectoryOrCreate' } },
        { name: 'config', configMap: { name: 'shipper', defaultMode: 0o755 } },
      ],
    },
    container: {
      command: ['/bin/rsyslogd', '-n', '-i', '/tmp/pid', '-f', '/etc/shipper/rsyslog.conf', '-M', '/modules/'],
      env: [NODE],
      volumeMounts: [
        { name: 'log', mountPath: '/var/log', readOnly: true },
        { name: 'state', mountPath: '/state', subPathExpr: '$(NODE)' },
        { name: 'config', mountPath: '/etc/shipper' },
      ],
    },
  })
