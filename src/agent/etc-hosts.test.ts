import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Pod } from '../api/types/core/pod.ts'
import { etcHosts } from './etc-hosts.ts'

const podOf = (spec: object): Pod => ({ metadata: { name: 'p', namespace: 'ns' }, spec, status: {} }) as unknown as Pod
const ALIASES = { hostAliases: [{ ip: '192.0.2.7', hostnames: ['one', 'two'] }] }

describe('the hosts file of a pod', () => {
  it('has its names, and the aliases that it asks for', () => {
    const text = etcHosts(podOf({ subdomain: 's', ...ALIASES }), 'p', ['10.0.0.7'], '')
    assert.deepEqual(text.split('\n'), [
      '# Kubernetes-managed hosts file.',
      '127.0.0.1\tlocalhost',
      '::1\tlocalhost ip6-localhost ip6-loopback',
      'fe00::0\tip6-localnet',
      'fe00::0\tip6-mcastprefix',
      'fe00::1\tip6-allnodes',
      'fe00::2\tip6-allrouters',
      '10.0.0.7\tp.s.ns.svc.cluster.local\tp',
      '',
      '# Entries added by HostAliases.',
      '192.0.2.7\tone\ttwo',
      '',
    ])
  })
  it('is the node’s where it has the node’s network', () => {
    const text = etcHosts(podOf({ hostNetwork: true }), 'n1', ['192.0.2.1'], '127.0.0.1\tlocalhost\n')
    assert.equal(text, '# Kubernetes-managed hosts file (host network).\n127.0.0.1\tlocalhost\n')
  })
})
