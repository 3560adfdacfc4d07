/** What runs the pods of local nodes. */
export type LocalRuntime =
  | { readonly kind: 'containers' }
  /** One node on an engine that is there. */
  | { readonly kind: 'engine'; readonly socket: string }
  /** One node whose containers are processes of this host; never chosen by itself. */
  | { readonly kind: 'processes' }
  /** `why` is said when nobody asked for it. */
  | { readonly kind: 'simulated'; readonly why?: string }
  | { readonly kind: 'none' }

export interface RuntimeQuestion {
  readonly runtime: 'auto' | 'containers' | 'processes' | 'simulated'
  readonly nodes: number
  readonly cri?: string | undefined
  readonly root: boolean
  readonly linux: boolean
  /** containerd is on the PATH. */
  readonly containerd: boolean
}

/** Chooses, or says in one sentence why what was asked for is not possible. */
export function chooseRuntime(question: RuntimeQuestion): LocalRuntime | { readonly impossible: string } {
  const { runtime, nodes, cri, root, linux, containerd } = question
  if (runtime === 'processes') {
    if (cri !== undefined) return { impossible: '--cri names an engine and --runtime processes wants none; give one of them' }
    if (nodes > 1)
      return {
        impossible: `--nodes ${nodes} with --runtime processes: the processes of a host are one node, since they share its network and files; leave --nodes out, or use --runtime containers`,
      }
    if (nodes === 0) return { kind: 'none' }
    return linux ? { kind: 'processes' } : { impossible: '--runtime processes needs Linux: it finds processes again in /proc; use --runtime simulated' }
  }
  if (cri !== undefined) {
    if (runtime === 'simulated') return { impossible: '--cri names an engine and --runtime simulated wants none; give one of them' }
    if (nodes > 1)
      return {
        impossible: `--nodes ${nodes} with --cri: one engine is one node, since its pods share host network and ports; leave --nodes out, or leave --cri out for an engine per node`,
      }
    return nodes === 0 ? { kind: 'none' } : { kind: 'engine', socket: cri }
  }
  if (nodes === 0) return { kind: 'none' }
  if (runtime === 'simulated') return { kind: 'simulated' }
  const lacking = !linux ? 'containers need Linux' : !root ? 'containers need root' : containerd ? undefined : 'there is no containerd on the PATH'
  if (lacking === undefined) return { kind: 'containers' }
  if (runtime === 'containers') return { impossible: `--runtime containers: ${lacking}; use --cri SOCKET for an engine that runs, or --runtime simulated` }
  return { kind: 'simulated', why: `no container engine (${lacking}): pods are simulated; --runtime processes would run their commands on this host` }
}
