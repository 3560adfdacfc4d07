import { writeYaml } from '../../api/yaml/write.ts'
import { writePrivateFile } from '../../base/node/private-files.ts'

export interface NewKubeconfig {
  readonly server: string
  readonly authority: string
  readonly certificate?: string
  readonly key?: string
  readonly token?: string
  /** Names the cluster, the context and the user. */
  readonly name: string
}

/** Writes a kubeconfig (mode 0600) with one context. */
export async function writeKubeconfig(path: string, { server, authority, certificate, key, token, name }: NewKubeconfig): Promise<void> {
  const base64 = (pem: string) => Buffer.from(pem).toString('base64')
  const user = {
    ...(certificate !== undefined && { 'client-certificate-data': base64(certificate) }),
    ...(key !== undefined && { 'client-key-data': base64(key) }),
    ...(token !== undefined && { token }),
  }
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name, cluster: { server, 'certificate-authority-data': base64(authority) } }],
    users: [{ name, user }],
    contexts: [{ name, context: { cluster: name, user: name } }],
    'current-context': name,
  }
  await writePrivateFile(path, writeYaml(config))
}
