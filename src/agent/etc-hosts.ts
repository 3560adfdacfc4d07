import type { Pod } from '../api/types/core/pod.ts'
import { StepError } from './runtime/runtime.ts'

const BASE = [
  '127.0.0.1\tlocalhost',
  '::1\tlocalhost ip6-localhost ip6-loopback',
  'fe00::0\tip6-localnet',
  'fe00::0\tip6-mcastprefix',
  'fe00::1\tip6-allnodes',
  'fe00::2\tip6-allrouters',
]
/** By which others tell the kubelet's files from an image's own. */
const NOTE = '# Kubernetes-managed hosts file'

/** The hosts file of a pod: its own name and aliases, after the node's file for pods on the host's network. */
export function etcHosts(pod: Pod, hostname: string, podIPs: readonly string[], nodeHosts: string): string {
  const named = (pod.spec.hostAliases ?? []).map(({ ip, hostnames }) => `${ip}\t${hostnames?.join('\t') ?? ''}`)
  const aliases = named.length > 0 ? ['', '# Entries added by HostAliases.', ...named] : []
  if (pod.spec.hostNetwork) return [`${NOTE} (host network).`, nodeHosts.trimEnd(), ...aliases, ''].join('\n')
  const { subdomain } = pod.spec
  const names = subdomain ? `${fullName(pod, subdomain)}\t${hostname}` : hostname
  return [`${NOTE}.`, ...BASE, ...podIPs.map(ip => `${ip}\t${names}`), ...aliases, ''].join('\n')
}

/** The longest name that the kernel gives a host. */
const LONGEST = 64

/** The name that the pod's kernel knows: with `setHostnameAsFQDN` the whole one. Throws `StepError` FailedCreatePodSandBox when that is too long. */
export function kernelHostname(pod: Pod): string {
  const { setHostnameAsFQDN, subdomain, hostnameOverride } = pod.spec
  if (!setHostnameAsFQDN || !subdomain || hostnameOverride) return hostnameOf(pod)
  const whole = fullName(pod, subdomain)
  if (whole.length <= LONGEST) return whole
  const message = `Failed to construct FQDN from Pod hostname and cluster domain, FQDN ${whole} is too long (${LONGEST} characters is the max, ${whole.length} characters requested)`
  throw new StepError('FailedCreatePodSandBox', message)
}

const fullName = (pod: Pod, subdomain: string): string => `${hostnameOf(pod)}.${subdomain}.${pod.metadata.namespace}.svc.cluster.local`

/** The name a pod has for itself. */
export const hostnameOf = (pod: Pod): string => pod.spec.hostnameOverride ?? pod.spec.hostname ?? pod.metadata.name.slice(0, 63).replace(/[-.]+$/, '')
