/** By their number in the kernel. */
const NAMES = `CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID KILL SETGID SETUID SETPCAP LINUX_IMMUTABLE NET_BIND_SERVICE NET_BROADCAST
  NET_ADMIN NET_RAW IPC_LOCK IPC_OWNER SYS_MODULE SYS_RAWIO SYS_CHROOT SYS_PTRACE SYS_PACCT SYS_ADMIN SYS_BOOT SYS_NICE SYS_RESOURCE SYS_TIME
  SYS_TTY_CONFIG MKNOD LEASE AUDIT_WRITE AUDIT_CONTROL SETFCAP MAC_OVERRIDE MAC_ADMIN SYSLOG WAKE_ALARM BLOCK_SUSPEND AUDIT_READ PERFMON BPF
  CHECKPOINT_RESTORE`.split(/\s+/)

/** What engines give a container that asks for nothing. */
const USUAL = 'CHOWN DAC_OVERRIDE FSETID FOWNER MKNOD NET_RAW SETGID SETUID SETFCAP SETPCAP NET_BIND_SERVICE SYS_CHROOT KILL AUDIT_WRITE'.split(' ')

/** The capabilities in a mask of /proc/PID/status (`CapBnd`), hexadecimal. */
export function namesIn(mask: string): readonly string[] {
  const bits = BigInt(`0x${mask || '0'}`)
  return NAMES.filter((_, i) => (bits >> BigInt(i)) & 1n).map(full)
}

/** What a container gets of what the host can give: `CAP_CHOWN`, …. */
export function capabilitiesOf(
  asked: { readonly add?: readonly string[] | undefined; readonly drop?: readonly string[] | undefined } | undefined,
  privileged: boolean,
  held: readonly string[],
): readonly string[] {
  if (privileged) return held
  const add = (asked?.add ?? []).map(plain)
  const drop = (asked?.drop ?? []).map(plain)
  const base = add.includes('ALL') ? held.map(plain) : drop.includes('ALL') ? [] : USUAL.filter(name => !drop.includes(name))
  const without = add.includes('ALL') ? base.filter(name => !drop.includes(name)) : base
  const wanted = new Set([...without, ...add.filter(name => name !== 'ALL')].map(full))
  return held.filter(name => wanted.has(name))
}

const plain = (name: string): string => name.toUpperCase().replace(/^CAP_/, '')
const full = (name: string): string => `CAP_${name}`
