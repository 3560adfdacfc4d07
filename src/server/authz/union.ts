import type { Attributes, Authorizer, Decision } from '../registry/authorizer.ts'

const MASTERS: Decision = Object.freeze({ allowed: true, reason: 'system:masters may everything' })

/** Those of `system:masters` may everything; else the first authorizer that allows decides, and the reasons of the others are gathered. */
export const union = (authorizers: readonly Authorizer[]): Authorizer => ({
  authorize(attributes: Attributes): Decision | Promise<Decision> {
    if (attributes.user.groups.includes('system:masters')) return MASTERS
    const reasons: string[] = []
    for (let i = 0; i < authorizers.length; i++) {
      const decision = authorizers[i]!.authorize(attributes)
      if (decision instanceof Promise) return rest(authorizers, i, decision, attributes, reasons)
      if (decision.allowed) return decision
      if (decision.reason) reasons.push(decision.reason)
    }
    return { allowed: false, reason: reasons.join(', ') }
  },
})

async function rest(authorizers: readonly Authorizer[], from: number, first: Promise<Decision>, attributes: Attributes, reasons: string[]): Promise<Decision> {
  let decision = await first
  for (let i = from; ; ) {
    if (decision.allowed) return decision
    if (decision.reason) reasons.push(decision.reason)
    if (++i >= authorizers.length) return { allowed: false, reason: reasons.join(', ') }
    decision = await authorizers[i]!.authorize(attributes)
  }
}
