import { message } from '../../../api/schema/build.ts'

/** An answer that says nothing but that it is done. */
export const EMPTY = message('runtime.v1.Empty', {})
