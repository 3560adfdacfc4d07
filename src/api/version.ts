/** The version of Kubernetes whose API this is. */
export const KUBERNETES_VERSION = '1.36.2'
