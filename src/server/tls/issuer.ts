import { Aside } from '../../base/node/aside.ts'
import type { IssueCalls } from './issue-aside.ts'

/** Certificates are made in a process aside: the library for them takes 25 MB, and is needed for seconds in a year. */
export const issuer = new Aside<IssueCalls>(new URL(`./issue-aside.${import.meta.url.endsWith('.ts') ? 'ts' : 'js'}`, import.meta.url))
