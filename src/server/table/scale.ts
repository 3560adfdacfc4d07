import { AGE, integer, NAME } from '../../api/kinds/columns.ts'
import type { Scale } from '../../api/types/autoscaling.ts'
import type { Columned } from './table.ts'

const { format: _, ...PLAIN_NAME } = NAME

/** The Scale of any kind as a table. */
export const SCALE_TABLE: Columned = {
  columns: [
    PLAIN_NAME,
    integer<Scale>('Desired', 'Pods wanted.', scale => scale.spec.replicas ?? 0),
    integer<Scale>('Available', 'Pods that there are.', scale => scale.status?.replicas ?? 0),
    AGE,
  ],
}
