/** One entry of an archive; a directory when `content` is absent, a symbolic link when `link` is given. */
export interface TarEntry {
  readonly path: string
  readonly content?: Uint8Array
  readonly link?: string
  readonly mode?: number
}

const BLOCK = 512

/** A ustar archive with owner root and no times, so that the same entries give the same bytes. Paths are at most 100 bytes. */
export function tar(entries: readonly TarEntry[]): Buffer {
  const parts: Buffer[] = []
  for (const { path, content, link, mode } of entries) {
    const header = Buffer.alloc(BLOCK)
    if (Buffer.byteLength(path) > 100) throw new RangeError(`path too long for an archive: ${path}`)
    header.write(path, 0)
    header.write(octal(mode ?? (content ? 0o644 : 0o755), 8), 100)
    header.write(octal(0, 8), 108)
    header.write(octal(0, 8), 116)
    header.write(octal(content?.length ?? 0, 12), 124)
    header.write(octal(0, 12), 136)
    header.write('        ', 148)
    header.write(link !== undefined ? '2' : content ? '0' : '5', 156)
    if (link !== undefined) header.write(link, 157)
    header.write('ustar\0', 257)
    header.write('00', 263)
    let sum = 0
    for (const byte of header) sum += byte
    header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
    parts.push(header)
    if (content) parts.push(Buffer.from(content), Buffer.alloc((BLOCK - (content.length % BLOCK)) % BLOCK))
  }
  parts.push(Buffer.alloc(2 * BLOCK))
  return Buffer.concat(parts)
}

const octal = (value: number, width: number): string => `${value.toString(8).padStart(width - 1, '0')}\0`
