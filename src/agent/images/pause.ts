import { ociArchive } from './oci.ts'

/** The image that holds a pod's namespaces open; ours, so that no registry is needed. */
export const PAUSE_IMAGE = 'localhost/everynode-pause:1'

/** An archive of the pause image for an architecture of Node (`x64`, `arm64`); undefined for others. */
export function pauseArchive(arch: string): Buffer | undefined {
  const program = arch === 'x64' ? elf(0x3e, X64) : arch === 'arm64' ? elf(0xb7, ARM64) : undefined
  if (!program) return undefined
  return ociArchive({
    names: [PAUSE_IMAGE],
    arch: arch === 'x64' ? 'amd64' : 'arm64',
    files: [{ path: 'pause', content: program, mode: 0o755 }],
    entrypoint: ['/pause'],
    user: '65535:65535',
  })
}

/**
 * The program: ignore SIGCHLD, so that the kernel reaps whatever is left to process 1 of the pod, then sleep for ever.
 * `struct sigaction` (handler = SIG_IGN, flags, restorer, mask) stands behind the code.
 */
const SIGACTION = Buffer.concat([Buffer.from([1, 0, 0, 0, 0, 0, 0, 0]), Buffer.alloc(24)])

const X64 = Buffer.from([
  ...[0xb8, 13, 0, 0, 0], // mov eax, rt_sigaction
  ...[0xbf, 17, 0, 0, 0], // mov edi, SIGCHLD
  ...[0x48, 0x8d, 0x35, 19, 0, 0, 0], // lea rsi, [rip + 19]: the struct
  ...[0x31, 0xd2], // xor edx, edx
  ...[0x41, 0xba, 8, 0, 0, 0], // mov r10d, 8
  ...[0x0f, 0x05], // syscall
  ...[0xb8, 34, 0, 0, 0], // mov eax, pause
  ...[0x0f, 0x05], // syscall
  ...[0xeb, 0xf7], // jmp to `mov eax, pause`
])

const words = (...list: readonly number[]): Buffer => {
  const bytes = Buffer.alloc(list.length * 4)
  for (const [i, word] of list.entries()) bytes.writeUInt32LE(word >>> 0, i * 4)
  return bytes
}
const movz = (register: number, value: number): number => 0xd2800000 | (value << 5) | register
const SVC = 0xd4000001

const ARM64 = words(
  movz(8, 134), // rt_sigaction
  movz(0, 17), // SIGCHLD
  0x10000000 | ((48 >> 2) << 5) | 1, // adr x1, pc + 48: the struct
  movz(2, 0),
  movz(3, 8),
  SVC,
  movz(8, 73), // ppoll(0, 0, 0, 0): there is no pause
  movz(0, 0),
  movz(1, 0),
  movz(2, 0),
  movz(3, 0),
  SVC,
  0x14000000 | (-6 & 0x3ffffff), // b to `movz x8, ppoll`
  0xd503201f, // nop: the struct stands at a multiple of eight
)

const BASE = 0x400000
const HEADERS = 64 + 56

/** A static executable of one segment for a machine of the ELF registry. */
function elf(machine: number, code: Uint8Array): Buffer {
  const size = HEADERS + code.length + SIGACTION.length
  const header = Buffer.alloc(HEADERS)
  header.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1])
  header.writeUInt16LE(2, 16) // executable
  header.writeUInt16LE(machine, 18)
  header.writeUInt32LE(1, 20)
  header.writeBigUInt64LE(BigInt(BASE + HEADERS), 24) // entry
  header.writeBigUInt64LE(64n, 32) // program headers
  header.writeUInt16LE(64, 52)
  header.writeUInt16LE(56, 54)
  header.writeUInt16LE(1, 56)
  header.writeUInt32LE(1, 64) // load
  header.writeUInt32LE(5, 68) // read, execute
  header.writeBigUInt64LE(BigInt(BASE), 80)
  header.writeBigUInt64LE(BigInt(BASE), 88)
  header.writeBigUInt64LE(BigInt(size), 96)
  header.writeBigUInt64LE(BigInt(size), 104)
  header.writeBigUInt64LE(0x1000n, 112)
  return Buffer.concat([header, code, SIGACTION])
}
