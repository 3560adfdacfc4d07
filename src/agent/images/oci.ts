import { createHash } from 'node:crypto'
import { type TarEntry, tar } from './tar.ts'

export interface ImageDescription {
  /** Every name that the engine shall know it by: `localhost/pause:1`. */
  readonly names: readonly string[]
  /** As OCI writes it: `amd64`, `arm64`. */
  readonly arch: string
  readonly files: readonly TarEntry[]
  readonly entrypoint?: readonly string[]
  readonly cmd?: readonly string[]
  readonly env?: readonly string[]
  readonly user?: string
}

/** The three blobs of an image of one layer. */
export interface ImageBlobs {
  readonly layer: Buffer
  readonly config: Buffer
  readonly manifest: Buffer
}

export function imageBlobs(image: ImageDescription): ImageBlobs {
  const layer = tar(image.files)
  const config = json({
    architecture: image.arch,
    os: 'linux',
    config: {
      ...(image.entrypoint && { Entrypoint: image.entrypoint }),
      ...(image.cmd && { Cmd: image.cmd }),
      ...(image.user && { User: image.user }),
      Env: image.env ?? ['PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'],
    },
    rootfs: { type: 'layers', diff_ids: [digestOf(layer)] },
  })
  const manifest = json({
    schemaVersion: 2,
    mediaType: MANIFEST,
    config: descriptor('application/vnd.oci.image.config.v1+json', config),
    layers: [descriptor('application/vnd.oci.image.layer.v1.tar', layer)],
  })
  return { layer, config, manifest }
}

/** An image of one layer as an OCI layout archive, which engines import under its names. */
export function ociArchive(image: ImageDescription): Buffer {
  const { layer, config, manifest } = imageBlobs(image)
  const index = json({
    schemaVersion: 2,
    manifests: image.names.map(fullName).map(name => ({
      ...descriptor(MANIFEST, manifest),
      platform: { architecture: image.arch, os: 'linux' },
      annotations: { 'io.containerd.image.name': name, 'org.opencontainers.image.ref.name': name },
    })),
  })
  return tar([
    { path: 'oci-layout', content: json({ imageLayoutVersion: '1.0.0' }) },
    { path: 'index.json', content: index },
    { path: 'blobs/' },
    { path: 'blobs/sha256/' },
    ...[layer, config, manifest].map(blob => ({ path: `blobs/sha256/${digestOf(blob).slice('sha256:'.length)}`, content: blob })),
  ])
}

/** A name as engines keep it: `nginx:1.19` is `docker.io/library/nginx:1.19`, no tag is `latest`. */
export function fullName(name: string): string {
  const [first = '', ...rest] = name.split('/')
  const hasRegistry = rest.length > 0 && /[.:]|^localhost$/.test(first)
  const path = hasRegistry ? name : `docker.io/${rest.length > 0 ? '' : 'library/'}${name}`
  return /[:@][^/]*$/.test(path) ? path : `${path}:latest`
}

export const MANIFEST = 'application/vnd.oci.image.manifest.v1+json'
const json = (value: unknown): Buffer => Buffer.from(JSON.stringify(value))
export const digestOf = (bytes: Uint8Array): string => `sha256:${createHash('sha256').update(bytes).digest('hex')}`
const descriptor = (mediaType: string, bytes: Uint8Array) => ({ mediaType, digest: digestOf(bytes), size: bytes.length })
