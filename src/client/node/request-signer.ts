import { Aside } from '../../base/node/aside.ts'
import type { SigningRequestCalls } from './signing-request-aside.ts'

/** Keys and signing requests are made in a process aside: an agent needs the library for them once in eight months. */
export const requestSigner = new Aside<SigningRequestCalls>(
  new URL(`./signing-request-aside.${import.meta.url.endsWith('.ts') ? 'ts' : 'js'}`, import.meta.url),
)
