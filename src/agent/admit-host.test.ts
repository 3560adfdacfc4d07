import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { PodSpec } from '../api/types/core/pod.ts'
import { refusedByHost } from './admit-host.ts'
import { contractPod } from './runtime/contract.ts'

test('what a host cannot do as the pod asks is refused in the words of the kubelet', () => {
  const all = { appArmor: true, strictGroups: true, recursiveReadOnly: true, resize: true }
  const none = { appArmor: false, strictGroups: false, recursiveReadOnly: false, resize: false }
  const sysctl = (name: string) => ({ securityContext: { sysctls: [{ name, value: '1' }] } })
  const cases: [Partial<PodSpec>, typeof all, string | undefined][] = [
    [{}, none, undefined],
    [sysctl('net.ipv4.tcp_syncookies'), none, undefined],
    [sysctl('net/ipv4/tcp_syncookies'), none, undefined],
    [sysctl('kernel.msgmax'), all, 'SysctlForbidden: forbidden sysctl: "kernel.msgmax" not allowlisted'],
    [sysctl('constructor'), all, 'SysctlForbidden: forbidden sysctl: "constructor" not allowlisted'],
    [{ ...sysctl('net.ipv4.tcp_rmem'), hostNetwork: true }, all, 'SysctlForbidden: forbidden sysctl: "net.ipv4.tcp_rmem" not allowed with host net enabled'],
    [
      { ...sysctl('kernel.shm_rmid_forced'), hostIPC: true },
      all,
      'SysctlForbidden: forbidden sysctl: "kernel.shm_rmid_forced" not allowed with host ipc enabled',
    ],
    [{ securityContext: { appArmorProfile: { type: 'RuntimeDefault' } } }, all, undefined],
    [
      { containers: [{ name: 'c', securityContext: { appArmorProfile: { type: 'Localhost', localhostProfile: 'x' } } }] },
      none,
      'AppArmor: Cannot enforce AppArmor: AppArmor is not enabled on the host',
    ],
    [{ securityContext: { appArmorProfile: { type: 'Unconfined' } } }, none, undefined],
    [
      { securityContext: { supplementalGroupsPolicy: 'Strict' } },
      none,
      'SupplementalGroupsPolicyNotSupported: SupplementalGroupsPolicy=Strict is not supported in this node',
    ],
    [{ securityContext: { supplementalGroupsPolicy: 'Strict' } }, all, undefined],
  ]
  for (const [spec, abilities, wanted] of cases) {
    const refused = refusedByHost(contractPod('p', spec), abilities)
    assert.equal(refused && `${refused.reason}: ${refused.message}`, wanted)
  }
})
