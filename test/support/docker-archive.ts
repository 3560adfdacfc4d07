import { digestOf, type ImageDescription, imageBlobs } from '../../src/agent/images/oci.ts'
import { tar } from '../../src/agent/images/tar.ts'

/** The archive of an image as `docker save` writes it. */
export function dockerArchive(image: ImageDescription): Buffer {
  const { layer, config } = imageBlobs(image)
  const id = digestOf(config).replace('sha256:', '')
  const manifest = [{ Config: `${id}.json`, RepoTags: image.names, Layers: ['layer/layer.tar'] }]
  return tar([
    { path: `${id}.json`, content: config },
    { path: 'layer/' },
    { path: 'layer/layer.tar', content: layer },
    { path: 'manifest.json', content: Buffer.from(JSON.stringify(manifest)) },
  ])
}
