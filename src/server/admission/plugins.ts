import { certificateRequest } from './certificate-request.ts'
import { defaultTolerationSeconds } from './default-toleration-seconds.ts'
import { namespaceLifecycle } from './namespace-lifecycle.ts'
import type { AdmissionPlugin } from './plugin.ts'
import { priority } from './priority.ts'
import { runtimeClass } from './runtime-class.ts'
import { serviceAccount } from './service-account.ts'
import { storageInUse } from './storage-in-use.ts'
import { taintNewNodes } from './taint-new-nodes.ts'

/** Who has a say in writes, in this order. `more` are rules that need something of their own (NodeRestriction and its graph). */
export const admissionPlugins = (more: readonly AdmissionPlugin[] = []): readonly AdmissionPlugin[] => [
  namespaceLifecycle,
  serviceAccount,
  taintNewNodes,
  priority,
  defaultTolerationSeconds,
  runtimeClass,
  storageInUse,
  certificateRequest,
  ...more,
  // Pod Security stands here, then webhooks that change objects; last, after all changes, webhooks that check and quotas.
]
