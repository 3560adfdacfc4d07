import type { Script } from './script.ts'

/** A shorter script that still fails: steps are left out, halves first, then one by one, as long as it goes on failing. */
export async function shrink(script: Script, fails: (script: Script) => Promise<boolean>, tries = 150): Promise<Script> {
  let best = script
  for (let size = Math.ceil(best.steps.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let from = 0; from < best.steps.length; ) {
      if (tries-- <= 0) return best
      const shorter = { ...best, steps: best.steps.toSpliced(from, size) }
      if (await fails(shorter)) best = shorter
      else from += size
    }
  }
  while (best.nodes > 1 && tries-- > 0 && (await fails({ ...best, nodes: best.nodes - 1 }))) best = { ...best, nodes: best.nodes - 1 }
  return best
}
