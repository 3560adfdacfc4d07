/** Calls that a confined process may not make, and the capability with which it may all the same. */
const DENIED: Readonly<Record<string, readonly string[]>> = {
  never: [
    'add_key',
    'create_module',
    'get_kernel_syms',
    'keyctl',
    'nfsservctl',
    'query_module',
    'request_key',
    'sysfs',
    '_sysctl',
    'uselib',
    'userfaultfd',
    'ustat',
    'vm86',
    'vm86old',
  ],
  CAP_BPF: ['bpf'],
  CAP_DAC_READ_SEARCH: ['name_to_handle_at', 'open_by_handle_at'],
  CAP_SYS_ADMIN: [
    'fanotify_init',
    'fsconfig',
    'fsmount',
    'fsopen',
    'fspick',
    'lookup_dcookie',
    'mount',
    'mount_setattr',
    'move_mount',
    'open_tree',
    'pivot_root',
    'quotactl',
    'quotactl_fd',
    'setns',
    'swapoff',
    'swapon',
    'umount',
    'umount2',
    'unshare',
  ],
  CAP_PERFMON: ['perf_event_open'],
  CAP_SYS_BOOT: ['kexec_file_load', 'kexec_load', 'reboot'],
  CAP_SYS_MODULE: ['delete_module', 'finit_module', 'init_module'],
  CAP_SYS_NICE: ['get_mempolicy', 'mbind', 'move_pages', 'set_mempolicy', 'set_mempolicy_home_node'],
  CAP_SYS_PACCT: ['acct'],
  CAP_SYS_PTRACE: ['kcmp', 'process_madvise', 'process_vm_readv', 'process_vm_writev'],
  CAP_SYS_RAWIO: ['ioperm', 'iopl'],
  CAP_SYS_TIME: ['clock_adjtime', 'clock_settime', 'settimeofday', 'stime'],
}

/** CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID and NEWNET. */
const NEW_NAMESPACES = [0x20000, 0x2000000, 0x4000000, 0x8000000, 0x10000000, 0x20000000, 0x40000000]
const EPERM = 1
const ENOSYS = 38

/** What `RuntimeDefault` means for a process of the host: everything but what reaches into the kernel or at other processes. */
export function defaultSeccomp(capabilities: readonly string[]): object {
  const has = new Set(capabilities)
  const names = Object.entries(DENIED).flatMap(([capability, calls]) => (has.has(capability) ? [] : calls))
  const admin = has.has('CAP_SYS_ADMIN')
  return {
    defaultAction: 'SCMP_ACT_ALLOW',
    syscalls: [
      { names, action: 'SCMP_ACT_ERRNO', errnoRet: EPERM },
      // Programs fall back to clone, whose flags can be looked at.
      ...(admin ? [] : [{ names: ['clone3'], action: 'SCMP_ACT_ERRNO', errnoRet: ENOSYS }]),
      ...(admin ? [] : NEW_NAMESPACES.map(denyClone)),
    ],
  }
}

const denyClone = (flag: number) => ({
  names: ['clone'],
  action: 'SCMP_ACT_ERRNO',
  errnoRet: EPERM,
  args: [{ index: 0, value: flag, valueTwo: flag, op: 'SCMP_CMP_MASKED_EQ' }],
})
