import assert from 'node:assert/strict'
import { it } from 'node:test'
import { agentUnit, agentWords } from './install-agent.ts'

const execStart = (unit: string) => /^ExecStart=(.*)$/m.exec(unit)?.[1]

it('the unit of an agent names its program, node and directory, quoted as systemd reads them, and no token', () => {
  const flags = { server: 'https://10.0.0.1:6443', token: 'abcdef.0123456789abcdef', caHash: 'sha256:00', print: false }
  const unit = agentUnit(['/usr/bin/node', '/opt/every node/bin/everynode', ...agentWords(flags, '10.0.10.5', '/var/lib/50%')])
  assert.equal(execStart(unit), '/usr/bin/node "/opt/every node/bin/everynode" agent --node-name 10.0.10.5 --data-dir /var/lib/50%%')
  assert.match(unit, /^KillMode=process$/m)
  assert.doesNotMatch(unit, /token|abcdef/)
})

it('the unit of an agent starts it with all that it was given', () => {
  const flags = {
    labels: { 'topology.kubernetes.io/region': 'eu', disk: 'ssd' },
    taints: ['a=b:NoSchedule', 'c:NoExecute'],
    runtime: 'containers',
    cri: '/run/crio/crio.sock',
    shareEngine: true,
    images: ['/srv/images'],
    address: ['10.0.10.5'],
    logLevel: 'info',
    print: false,
  } as const
  const words = '--labels topology.kubernetes.io/region=eu,disk=ssd --taints a=b:NoSchedule --taints c:NoExecute --runtime containers --cri /run/crio/crio.sock'
  const more = '--share-engine --images /srv/images --address 10.0.10.5 --log-level info'
  assert.equal(execStart(agentUnit(agentWords(flags, 'n', '/d'))), `agent --node-name n --data-dir /d ${words} ${more}`)
})
