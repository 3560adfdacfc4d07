/** The memory of the C library, in which Node holds what is not JavaScript: TLS and HTTP/2 sessions, the bytes of buffers. */

const LIBRARY = 'libc.so.6'
/** Of `mallopt`, as in <malloc.h>. */
const [M_TRIM_THRESHOLD, M_TOP_PAD, M_MMAP_THRESHOLD, M_MMAP_MAX] = [-1, -2, -3, -4]
const APART_BYTES = 32 * 1024
/** Linux allows a process 65,530 mappings, of which V8 wants its share. */
const MOST_APART = 20_000
const KEPT_BYTES = 16 * 1024 * 1024

/** Undefined where the library is another, or Node cannot call it. */
function load() {
  const ffi = process.platform === 'linux' ? process.getBuiltinModule('node:ffi') : undefined
  try {
    return ffi?.dlopen(LIBRARY, {
      malloc_trim: { arguments: ['u64'], return: 'i32' },
      mallopt: { arguments: ['i32', 'i32'], return: 'i32' },
    }).functions
  } catch {
    return undefined
  }
}
let loaded: { readonly library: ReturnType<typeof load> } | undefined

const theLibrary = () => {
  loaded ??= { library: load() }
  return loaded.library
}

/** Gives the system back the pages that are free, where that can be asked. Takes some milliseconds for each 100 MB. */
export function trimMemory(): void {
  theLibrary()?.malloc_trim(0n)
}

/**
 * Keeps what is large in pages of its own, of which only those count that were written to, and which go when it goes. A TLS
 * session has a buffer of 64 KiB for what it reads, of which it needs a tenth.
 */
export function keepLargeApart(): void {
  const library = theLibrary()
  library?.mallopt(M_MMAP_THRESHOLD, APART_BYTES)
  library?.mallopt(M_MMAP_MAX, MOST_APART)
  library?.mallopt(M_TRIM_THRESHOLD, KEPT_BYTES)
  // What is left over where the heap ends would otherwise serve every second of them.
  library?.mallopt(M_TOP_PAD, 0)
}
