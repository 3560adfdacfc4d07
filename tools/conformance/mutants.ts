/** Faults to plant, one at a time, and what must then go red: some row of the catalogue. */
export interface Mutant {
  readonly name: string
  readonly file: string
  /** Stands in the file exactly once. */
  readonly find: string
  readonly replace: string
  /** Globs of the tests to run; the judgement's and the controller's when absent. */
  readonly tests?: readonly string[]
}

const JUDGE = 'src/judge/daemonset'
const CONTROLLER = 'src/controllers/daemonset'
const VALIDATION = ['src/api/kinds/**/*.test.ts']
const inJudge = (file: string, name: string, find: string, replace: string): Mutant => ({ name, file: `${JUDGE}/${file}.ts`, find, replace })
const inController = (file: string, name: string, find: string, replace: string): Mutant => ({ name, file: `${CONTROLLER}/${file}.ts`, find, replace })

/** What is easy to get wrong, by the numbers of the checklist. */
const CHECKLIST: readonly Mutant[] = [
  {
    name: '1: maxUnavailable is defaulted only without maxSurge',
    file: 'src/api/kinds/apps/daemon-set-defaults.ts',
    find: 'strategy.rollingUpdate.maxUnavailable ??= 1',
    replace: 'strategy.rollingUpdate.maxUnavailable ??= strategy.rollingUpdate.maxSurge ? 0 : 1',
    tests: ['test/conformance/*.test.ts', ...VALIDATION],
  },
  inJudge(
    'placement',
    '2: NoSchedule drives out what runs',
    "const UNTOLERATED = place(false, true, 'untolerated-taint')",
    "const UNTOLERATED = place(false, false, 'untolerated-taint')",
  ),
  inJudge(
    'placement',
    '2: NoExecute leaves what runs',
    "const EVICTING = place(false, false, 'evicting-taint')",
    "const EVICTING = place(false, true, 'evicting-taint')",
  ),
  inJudge(
    'tolerations',
    '3: not-ready:NoSchedule is tolerated',
    "  stay('not-ready', 'NoExecute'),",
    "  stay('not-ready', 'NoExecute'),\n  stay('not-ready', 'NoSchedule'),",
  ),
  inJudge(
    'judge-node',
    '4: a pod that is going frees its node',
    "const live = here.filter(pod => !this.#settle(pod, isTerminating(pod) && 'going'))",
    "const live = here.filter(pod => !this.#settle(pod, isTerminating(pod) && 'going'))\n    if (live.length === 0) here.length = 0",
  ),
  inJudge(
    'pod-facts',
    '4: an ended pod that is going holds its node',
    'isTerminating(pod) && isFinished(pod)',
    'false && isTerminating(pod) && isFinished(pod)',
  ),
  inJudge(
    'judge-node',
    '5: the replacement comes in the pass of the deletion',
    "      this.#delete(pod, 'failed')\n",
    "      this.#delete(pod, 'failed')\n      this.#due.push({ do: 'create', node: this.#slot.name, why: 'no-pod' })\n",
  ),
  inJudge('failures', '6: failed pods never back off', 'return now < until ? until : undefined', 'return undefined'),
  inJudge('failures', '6: the back-off does not grow', 'failure.delayMs * 2', 'failure.delayMs'),
  inJudge(
    'judge-node',
    '6: succeeded pods stay',
    "if (pod.status.phase === 'Succeeded') this.#delete(pod, 'succeeded')",
    "if (pod.status.phase === 'Succeeded') continue",
  ),
  inJudge('pod-facts', '7: the youngest pod counts', 'if (older) return older', 'if (older) return -older'),
  inJudge(
    'report',
    '8: the generation is never observed',
    'observedGeneration: set.metadata.generation ?? 0',
    'observedGeneration: set.status.observedGeneration ?? 0',
  ),
  inJudge('report', '8: a status without news is written', 'COUNTERS.some(counter =>', 'true || COUNTERS.some(counter =>'),
  inController('pass', '8: no status after a failure', '  if (now)\n', '  if (now && errors.length === 0)\n'),
  inController('pass', '9: own writes are not waited for', 'cluster.pods.caughtUp(written.pods, signal)', 'cluster.pods.caughtUp(0 * written.pods, signal)'),
  inController('parallel', '10: creations do not stop at a failure', 'if (errors.length > 0) return errors', 'if (errors.length > 999) return errors'),
  inController('parallel', '10: creations all start at once', 'size = first; from', 'size = items.length; from'),
  inJudge(
    'ration',
    '11: unavailable old pods wait for the budget',
    "...tallies.nodes(onlyOld('unavailable'), BURST).map(deleteOld('outdated-unavailable')),\n    ...(left",
    "...tallies.nodes(onlyOld('unavailable'), left).map(deleteOld('outdated-unavailable')),\n    ...(left",
  ),
  inJudge(
    'ration',
    '11: unavailable old pods do not use up the budget',
    "s.crowded || s.old === 'unavailable' || s.new === 'unavailable'",
    "s.crowded || s.new === 'unavailable'",
  ),
  inJudge('ration', '12: only wanted nodes use up the budget', 'tallies.count(lacks)', "tallies.count(s => s.where === 'wanted' && lacks(s))"),
  inJudge('ration', '12: a missing node does not stop a surge', "s.where === 'missing' && s.old !== 'none'", "s.where === 'missing' && s.old === 'none'"),
  inJudge('budget', '13: percentages round down', 'Math.ceil(', 'Math.floor('),
  inJudge(
    'revision',
    '14: the current revision is found by its hash',
    'meaningOf(revision.data) === meaningOf(data)',
    'hashOf(revision) === revisionHash(data, undefined)',
  ),
  inJudge('history', '14: going back does not renumber', 'if (current.revision < number)', 'if (current.revision < 0)'),
  inJudge('history', '15: the collision count rises on stale knowledge', 'live.status.collisionCount !== set.status.collisionCount', 'false'),
  inJudge(
    'history',
    '16: the limit counts the current revision',
    'old.length - (set.spec.revisionHistoryLimit ?? 10)',
    'old.length + 1 - (set.spec.revisionHistoryLimit ?? 10)',
  ),
  inJudge('history', '16: revisions in use are deleted', 'if (inUse.has(hashOf(revision))) continue', ''),
  inController('pass', '17: a set that is being deleted is worked on', 'if (set.metadata.deletionTimestamp !== undefined) return undefined\n\n', ''),
  inController('claim', '17: adoption trusts the local copy', 'if (problem) throw', 'if (false && problem) throw'),
  inJudge('judge-node', '19: unbound pods of missing nodes stay', "else this.#delete(pod, 'node-missing')", "else this.#reasons.set(pod, 'awaits-collection')"),
  inJudge(
    'judge-node',
    '19: bound pods of missing nodes are deleted',
    "if (isScheduled(pod)) this.#reasons.set(pod, 'awaits-collection')",
    "if (isScheduled(pod)) this.#delete(pod, 'node-missing')",
  ),
  inJudge(
    'daemon-pod',
    "21: the template's required affinity stays",
    'nodeSelectorTerms: [term] }',
    'nodeSelectorTerms: [...(affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? []), term] }',
  ),
  inJudge(
    'placement',
    '21: a node named in the template is not looked at',
    'if (podSpec.nodeName && podSpec.nodeName !== node.metadata.name) return OTHER_NODE_NAME',
    '',
  ),
]

const FURTHER: readonly Mutant[] = [
  inJudge(
    'placement',
    'the nodeSelector is not looked at',
    'if (labels?.[key] !== podSpec.nodeSelector[key]) return NODE_SELECTOR',
    'if (labels === null) return NODE_SELECTOR',
  ),
  inJudge('placement', 'required affinity is not looked at', 'if (required && !matchesNodeSelector(required, node)) return NODE_AFFINITY', ''),
  inJudge(
    'placement',
    'cordoned nodes get no pod',
    'const taints = node.spec.taints',
    'if (node.spec.unschedulable) return UNTOLERATED\n  const taints = node.spec.taints',
  ),
  inJudge(
    'judge-node',
    'every pod of a crowded node goes',
    "for (const pod of running.slice(1)) this.#delete(pod, 'duplicate')",
    "if (running.length > 1) for (const pod of running) this.#delete(pod, 'duplicate')",
  ),
  inJudge('judge-node', 'crowded nodes stay crowded', "for (const pod of running.slice(1)) this.#delete(pod, 'duplicate')", ';'),
  inJudge('judge-node', 'misplaced pods stay', "else for (const pod of live) this.#delete(pod, 'misplaced')", ''),
  inJudge(
    'judge-node',
    'a surge waits for an old pod to be gone',
    'else if (running.length === 0 && this.#placement.run && !backsOff)',
    'else if (running.length === 0 && this.#placement.run && !backsOff && live.length > 0)',
  ),
  inJudge('judge-node', 'an old twin stays though it is not ready', '!isPodReady(old) || this.#isAvailable(fresh)', 'this.#isAvailable(fresh)'),
  inJudge('judge-node', 'an old twin goes before the new one is available', '!isPodReady(old) || this.#isAvailable(fresh)', 'true'),
  inJudge('judge-node', 'minReadySeconds is not waited for', 'if (from <= this.#now) return true', 'return true'),
  inJudge('pod-facts', 'the hash alone says what is up to date', 'facts.templateGeneration !== undefined && labels', 'false && labels'),
  inJudge('pod-facts', 'the generation alone says what is up to date', 'nameHash(labels, facts) ||', ''),
  inJudge('pod-facts', 'a pod pinned to two nodes counts for the first', 'values?.length === 1 ? values[0] : undefined', 'values?.[0]'),
  inJudge('pod-facts', 'a pinned pod counts for no node before it is bound', "if (key === 'metadata.name' && operator === 'In')", "if (key === 'none')"),
  inJudge('budget', 'zero of both stops a roll', 'desired > 0 && maxUnavailable === 0 && maxSurge === 0', 'false'),
  inJudge('budget', 'OnDelete rolls', "if (type === 'OnDelete') return { maxUnavailable: 0, maxSurge: 0 }", ''),
  inJudge('facts', 'OnDelete is not respected', "const rolls = updateStrategy?.type !== 'OnDelete'", 'const rolls = true'),
  inJudge('ration', 'the budget is not respected', 'Math.max(0, maxUnavailable - tallies.count(lacks))', 'BURST'),
  inJudge(
    'ration',
    'pods being replaced do not use up the budget',
    "|| (s.old === 'none') === (s.new === 'none')",
    "|| (s.old !== 'none' && s.new !== 'none')",
  ),
  inJudge('ration', 'the surge is not respected', 'Math.max(0, maxSurge - tallies.count(surging))', 'BURST'),
  inJudge(
    'ration',
    'a surge waits beside an unready old pod',
    "...tallies.nodes(on('wanted', onlyOld('unavailable')), BURST).map(createBeside('beside-unavailable')),\n",
    '',
  ),
  inJudge('ration', 'healthy pods of unwanted nodes never go', 'Math.max(0, tallies.count(serving) - desired)', '0'),
  inJudge('ration', 'healthy pods of unwanted nodes all go at once', 'Math.max(0, tallies.count(serving) - desired)', 'BURST'),
  inJudge('tallies', 'misscheduled pods are not counted', 'if (counted) counts.misscheduled += sign', ''),
  inJudge('tallies', 'unwanted nodes are desired', 'if (!placement.run) {', 'if (!placement.run && !placement.stay) {'),
  inJudge('daemon-pod', 'pods carry no hash', "...(hash !== '' && { [HASH_LABEL]: hash }),", ''),
  inJudge(
    'daemon-pod',
    'pods carry no template generation',
    '...(templateGeneration !== undefined && { [TEMPLATE_GENERATION_LABEL]: templateGeneration }),',
    '',
  ),
  inJudge('daemon-pod', 'preferred affinity is lost', '...affinity?.nodeAffinity, required', 'required'),
  inJudge(
    'claims',
    'what another manages is taken',
    "if (controller.uid !== claimant.uid) return 'foreign'",
    "if (controller.uid !== claimant.uid) return 'adopt'",
  ),
  inJudge('claims', 'what matches no longer is kept', "return claimant.terminating ? 'ignored' : 'release'", "return 'kept'"),
  inJudge('claims', 'orphans that are going are adopted', ' || metadata.deletionTimestamp !== undefined) return', ') return'),
  inJudge(
    'claims',
    'orphans of other namespaces are adopted',
    'if (claimant.namespace !== undefined && metadata.namespace !== claimant.namespace)',
    'if (false)',
  ),
  inJudge(
    'claims',
    'the releasing patch does not name the object',
    'metadata: { uid: object.metadata.uid, ownerReferences: [{ $patch',
    'metadata: { ownerReferences: [{ $patch',
  ),
  inJudge('revision', 'revisions are sorted by name', 'a.revision - b.revision || byAge(a, b) ||', ''),
  inJudge('revision', 'a collision does not change the hash', 'collisionCount === undefined ? textOf(data) :', 'true ? textOf(data) :'),
  inJudge('revision', 'the reason of a change is not captured', '...(annotations && { annotations }),', ''),
  inJudge(
    'history',
    'a template used before gets a new revision',
    'const current = same.pop()',
    'const current = same.length > 0 && same.at(-1)!.revision === number - 1 + Number(revisions.length === same.length) ? same.pop() : undefined',
  ),
  inJudge('node-change', 'changes of taints are not noticed', ' || !equal(old.spec.taints ?? [], node.spec.taints ?? [])', ''),
  inJudge('node-change', 'changes of labels are not noticed', '!equal(old.metadata.labels ?? {}, node.metadata.labels ?? {}) || ', ''),
  inJudge('node-change', 'every change of a node is looked at', '!equal(old.metadata.labels ?? {}, node.metadata.labels ?? {}) ||', 'old !== node ||'),
  inController('changes', 'orphans wake nobody', 'for (const set of this.#cluster.setsFor(object)) {', 'for (const set of [] as DaemonSet[]) {'),
  inController('changes', 'the former owner is not told', 'if (before) this.#enqueue(before.key)', ''),
  inController(
    'act',
    'failed pods are deleted without a word',
    "recorder.event(set, 'Warning', 'FailedDaemonPod'",
    "if (false) recorder.event(set, 'Warning', 'FailedDaemonPod'",
  ),
  inController('write-status', 'a status that meets a conflict is given up', '  } catch (error) {\n', '  } catch (error) {\n    if (error) throw error\n'),
  inJudge('claims', 'an empty selector is acted on', 'return !!selector &&', 'return false && !!selector &&'),
]

export const MUTANTS: readonly Mutant[] = [...CHECKLIST, ...FURTHER]
