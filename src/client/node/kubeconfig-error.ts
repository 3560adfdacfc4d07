/** A kubeconfig that cannot be used; the message says which file, what is missing, and what to do. */
export class KubeconfigError extends Error {
  override name = 'KubeconfigError'
}
