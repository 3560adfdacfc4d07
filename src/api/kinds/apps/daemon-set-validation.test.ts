import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Draft } from '../../meta/object.ts'
import type { DaemonSet } from '../../types/apps/daemon-set.ts'
import { validateCreate, validateStatusUpdate, validateUpdate } from '../validate.ts'
import { DaemonSets } from './daemon-set.ts'
import { checkRollingUpdate } from './daemon-set-validation.ts'
import { TEMPLATE_GENERATION } from './template-generation.ts'

type Edit = (set: Draft<DaemonSet>) => void

/** A set named abc whose pods are labelled a=b; updates on delete. */
function daemonSet(...edits: readonly Edit[]): DaemonSet {
  const set: Draft<DaemonSet> = {
    apiVersion: 'apps/v1',
    kind: 'DaemonSet',
    metadata: { name: 'abc', namespace: 'default', uid: 'u', resourceVersion: '1', creationTimestamp: '2026-01-01T00:00:00Z' },
    spec: {
      selector: { matchLabels: { a: 'b' } },
      template: {
        metadata: { labels: { a: 'b' } },
        spec: {
          restartPolicy: 'Always',
          dnsPolicy: 'ClusterFirst',
          containers: [{ name: 'abc', image: 'image', imagePullPolicy: 'IfNotPresent', terminationMessagePolicy: 'File' }],
        },
      },
      updateStrategy: { type: 'OnDelete' },
    },
    status: { currentNumberScheduled: 0, numberMisscheduled: 0, desiredNumberScheduled: 0, numberReady: 0 },
  }
  for (const edit of edits) edit(set)
  return set as DaemonSet
}

const context = { now: 0 }
const fields = (errors: readonly { readonly field: string }[]): string => errors.map(e => e.field).join(' ')
const podSpec = (set: Draft<DaemonSet>) => set.spec.template.spec as NonNullable<Draft<DaemonSet>['spec']['template']['spec']>

const generation =
  (n: number): Edit =>
  set => {
    set.metadata.annotations = { ...set.metadata.annotations, [TEMPLATE_GENERATION]: String(n) }
  }
const selector =
  (matchLabels: Record<string, string>): Edit =>
  set => {
    set.spec.selector = { matchLabels }
  }
const templateLabels =
  (labels: Record<string, string>): Edit =>
  set => {
    set.spec.template.metadata = { labels }
  }
const restart =
  (policy: string): Edit =>
  set => {
    podSpec(set).restartPolicy = policy
  }

const creates: readonly (readonly [row: string, says: string, edits: readonly Edit[], wrong: string])[] = [
  ['#176', 'a set that updates on delete is right', [], ''],
  [
    '#177',
    'a name may hold a dash and digits',
    [
      set => {
        set.metadata.name = 'abc-123'
      },
    ],
    '',
  ],
  [
    '#178',
    'on the host network a container port needs no host port in a template',
    [
      set => {
        podSpec(set).hostNetwork = true
        podSpec(set).containers[0]!.ports = [{ containerPort: 12345, protocol: 'TCP' }]
      },
    ],
    '',
  ],
  [
    '#179',
    'a name is needed',
    [
      set => {
        set.metadata.name = ''
      },
    ],
    'metadata.name',
  ],
  [
    '#180',
    'a namespace is needed',
    [
      set => {
        delete set.metadata.namespace
      },
    ],
    'metadata.namespace',
  ],
  [
    '#181',
    'no selector selects nothing',
    [
      set => {
        delete (set.spec as { selector?: unknown }).selector
      },
    ],
    'spec.template.metadata.labels',
  ],
  [
    '#182',
    'an empty selector is refused',
    [
      set => {
        set.spec.selector = {}
      },
    ],
    'spec.selector',
  ],
  ['#183', 'a selector must select the template', [selector({ foo: 'bar' })], 'spec.template.metadata.labels'],
  [
    '#184',
    'an empty template is refused',
    [
      set => {
        set.spec.template = {}
      },
    ],
    'spec.template.metadata.labels spec.template.spec.containers spec.template.spec.restartPolicy spec.template.spec.dnsPolicy spec.template.spec.restartPolicy',
  ],
  [
    '#185',
    'a label key must be well formed',
    [
      set => {
        set.metadata.labels = { 'NoUppercaseOrSpecialCharsLike=Equals': 'bar' }
      },
    ],
    'metadata.labels',
  ],
  [
    '#186',
    'everything wrong is told at once',
    [
      set => {
        set.metadata.labels = { 'NoUppercaseOrSpecialCharsLike=Equals': 'bar' }
        delete (set.spec as { selector?: unknown }).selector
        set.spec.template = { metadata: { labels: { 'NoUppercaseOrSpecialCharsLike=Equals': 'bar' } }, spec: podSpec(set) }
      },
    ],
    'metadata.labels spec.template.metadata.labels spec.template.labels',
  ],
  [
    '#187',
    'an annotation key must be well formed',
    [
      set => {
        set.metadata.annotations = { 'NoUppercaseOrSpecialCharsLike=Equals': 'bar' }
      },
    ],
    'metadata.annotations',
  ],
  ['#188', 'pods of a set are always restarted, not on failure', [restart('OnFailure')], 'spec.template.spec.restartPolicy'],
  ['#189', 'pods of a set are always restarted, not never', [restart('Never')], 'spec.template.spec.restartPolicy'],
  [
    '#190',
    'a template has no ephemeral containers',
    [
      set => {
        podSpec(set).ephemeralContainers = [{ name: 'abc-e', image: 'image', imagePullPolicy: 'IfNotPresent', terminationMessagePolicy: 'File' }]
      },
    ],
    'spec.template.spec.ephemeralContainers',
  ],
]
const allowed =
  /^(?:spec\.template\.\S*|spec\.updateStrategy\S*|metadata\.name|metadata\.namespace|spec\.selector|spec\.template|metadata\.annotations|metadata\.labels)$/
for (const [row, says, edits, wrong] of creates) {
  test(`catalogue ${row}: ${says}`, () => {
    assert.equal(fields(validateCreate(DaemonSets, daemonSet(...edits), context)), wrong)
  })
}
test('catalogue #191: errors are told at the paths that clients know', () => {
  for (const [, , edits] of creates) {
    for (const { field } of validateCreate(DaemonSets, daemonSet(...edits), context)) assert.match(field, allowed)
  }
})

const image =
  (name: string): Edit =>
  set => {
    podSpec(set).containers[0]!.image = name
  }
const updates: readonly (readonly [row: string, says: string, before: readonly Edit[], after: readonly Edit[], wrong: string])[] = [
  ['#162', 'nothing need change', [], [], ''],
  [
    '#163',
    'the template may change when its generation goes up',
    [generation(3)],
    [
      generation(4),
      set => {
        podSpec(set).nodeSelector = { e: 'f' }
        podSpec(set).nodeName = 'xyz'
      },
    ],
    '',
  ],
  ['#164', 'the generation may be said without a change', [generation(1)], [generation(1)], ''],
  [
    '#165',
    'the strategy may change',
    [generation(4)],
    [
      generation(4),
      set => {
        set.spec.updateStrategy = { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 1 } }
      },
    ],
    '',
  ],
  [
    '#166',
    'an empty list is no change of the template',
    [generation(4)],
    [
      generation(4),
      set => {
        podSpec(set).imagePullSecrets = []
        set.spec.updateStrategy = { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 1 } }
      },
    ],
    '',
  ],
  [
    '#167',
    'a read-write disk may be added',
    [generation(1)],
    [
      generation(2),
      set => {
        podSpec(set).volumes = [{ name: 'disk', gcePersistentDisk: { pdName: 'disk', fsType: 'ext4', readOnly: false } }]
      },
    ],
    '',
  ],
  [
    '#168',
    'the name is fixed',
    [
      set => {
        set.metadata.name = ''
      },
    ],
    [],
    'metadata.name',
  ],
  ['#169', 'the selector is fixed', [generation(1)], [generation(2), selector({ c: 'd' }), templateLabels({ c: 'd' })], 'spec.selector'],
  [
    '#170',
    'a malformed selector is told as malformed and as changed, not as mismatching',
    [],
    [selector({ 'NoUppercaseOrSpecialCharsLike=Equals': 'bar' })],
    'spec.selector.matchLabels spec.selector',
  ],
  [
    '#171',
    'a template needs containers',
    [generation(1)],
    [
      generation(2),
      set => {
        podSpec(set).containers = []
      },
    ],
    'spec.template.spec.containers',
  ],
  [
    '#172',
    'the strategy must be known',
    [],
    [
      set => {
        set.spec.updateStrategy = { type: 'Random' }
      },
    ],
    'spec.updateStrategy',
  ],
  ['#173', 'the template generation is not negative', [generation(-1)], [generation(-1)], 'spec.templateGeneration'],
  ['#174', 'the template generation does not go down', [generation(2)], [generation(1)], 'spec.templateGeneration'],
  ['#175', 'the template generation goes up with the template', [generation(2)], [generation(2), image('other')], 'spec.templateGeneration'],
]
for (const [row, says, before, after, wrong] of updates) {
  test(`catalogue ${row}: ${says}`, () => {
    assert.equal(fields(validateUpdate(DaemonSets, daemonSet(...after), daemonSet(...before), context)), wrong)
  })
}

test('catalogue #249 #250: a changed selector is one error that shows the new one, at every version', () => {
  const after = daemonSet(selector({ c: 'd' }), templateLabels({ c: 'd' }))
  assert.deepEqual(validateUpdate(DaemonSets, after, daemonSet(), context), [
    { type: 'FieldValueInvalid', field: 'spec.selector', message: 'Invalid value: {"matchLabels":{"c":"d"}}: field is immutable' },
  ])
})

test('catalogue #251: an invalid value that is stored in a selector may stay, and a new one may not come', () => {
  const bad: Edit = set => {
    set.spec.selector = { matchLabels: { a: 'b' }, matchExpressions: [{ key: 'a', operator: 'NotIn', values: ['-1'] }] }
  }
  assert.equal(fields(validateUpdate(DaemonSets, daemonSet(bad), daemonSet(bad), context)), '')
  assert.equal(fields(validateCreate(DaemonSets, daemonSet(bad), context)), 'spec.selector.matchExpressions[0].values[0]')
})

for (const [row, says, rolling, right] of [
  ['#192', 'nothing said', {}, false],
  ['#193', 'none in percent', { maxUnavailable: '0%' }, false],
  ['#194', 'none', { maxUnavailable: 0 }, false],
  ['#195', 'one', { maxUnavailable: 1 }, true],
  ['#196', 'one percent', { maxUnavailable: '1%' }, true],
  ['#197', 'all', { maxUnavailable: '100%' }, true],
  ['#198', 'more than all', { maxUnavailable: '101%' }, false],
  ['#199', 'surge and unavailable', { maxUnavailable: '1%', maxSurge: '1%' }, false],
  ['#200', 'no surge, none in percent', { maxUnavailable: '0%', maxSurge: undefined }, false],
  ['#201', 'no surge, none', { maxUnavailable: 0, maxSurge: undefined }, false],
  ['#202', 'no surge, one', { maxUnavailable: 1, maxSurge: undefined }, true],
  ['#203', 'no surge, one percent', { maxUnavailable: '1%', maxSurge: undefined }, true],
  ['#204', 'no surge, all', { maxUnavailable: '100%', maxSurge: undefined }, true],
  ['#205', 'no surge, more than all', { maxUnavailable: '101%', maxSurge: undefined }, false],
  ['#206', 'a surge of none in percent', { maxSurge: '0%' }, false],
  ['#207', 'a surge of none', { maxSurge: 0 }, false],
  ['#208', 'a surge of one', { maxSurge: 1 }, true],
  ['#209', 'a surge of one percent', { maxSurge: '1%' }, true],
  ['#210', 'a surge of all', { maxSurge: '100%' }, true],
  ['#211', 'a surge of more than all', { maxSurge: '101%' }, false],
  ['#212', 'both one percent', { maxUnavailable: '1%', maxSurge: '1%' }, false],
  ['#213', 'both none in percent', { maxUnavailable: '0%', maxSurge: '0%' }, false],
  ['#214', 'both none', { maxUnavailable: 0, maxSurge: 0 }, false],
  ['#215', 'none in both ways', { maxUnavailable: 0, maxSurge: '0%' }, false],
] as const) {
  test(`catalogue ${row}: a rolling update of ${says} is ${right ? 'right' : 'refused'}`, () => {
    const errors: Parameters<typeof checkRollingUpdate>[2] = []
    checkRollingUpdate(rolling, 'r', errors)
    assert.equal(errors.length === 0, right, JSON.stringify(errors))
  })
}

const status =
  (part: Partial<DaemonSet['status']>): Edit =>
  set => {
    Object.assign(set.status, part)
  }
const observed = status({ currentNumberScheduled: 1, numberMisscheduled: 2, desiredNumberScheduled: 3, numberReady: 1, observedGeneration: 1 })
const statusTests: readonly (readonly [row: string, says: string, part: Partial<DaemonSet['status']>, wrong: string])[] = [
  ['#152', 'counters may change', { numberMisscheduled: 1 }, ''],
  [
    '#153',
    'no counter is negative',
    {
      currentNumberScheduled: -1,
      numberMisscheduled: -1,
      desiredNumberScheduled: -3,
      numberReady: -1,
      observedGeneration: -3,
      updatedNumberScheduled: -1,
      numberAvailable: -1,
      numberUnavailable: -2,
    },
    'status.currentNumberScheduled status.numberMisscheduled status.desiredNumberScheduled status.numberReady status.observedGeneration status.updatedNumberScheduled status.numberAvailable status.numberUnavailable',
  ],
  ['#154', 'currentNumberScheduled is not negative', { currentNumberScheduled: -1 }, 'status.currentNumberScheduled'],
  ['#155', 'numberMisscheduled is not negative', { numberMisscheduled: -1 }, 'status.numberMisscheduled'],
  ['#156', 'desiredNumberScheduled is not negative', { desiredNumberScheduled: -3 }, 'status.desiredNumberScheduled'],
  ['#157', 'numberReady is not negative', { numberReady: -1 }, 'status.numberReady'],
  ['#158', 'observedGeneration is not negative', { observedGeneration: -3 }, 'status.observedGeneration'],
  ['#159', 'updatedNumberScheduled is not negative', { updatedNumberScheduled: -1 }, 'status.updatedNumberScheduled'],
  ['#160', 'numberAvailable is not negative', { numberAvailable: -1 }, 'status.numberAvailable'],
  ['#161', 'numberUnavailable is not negative', { numberUnavailable: -2 }, 'status.numberUnavailable'],
]
for (const [row, says, part, wrong] of statusTests) {
  test(`catalogue ${row}: in a status, ${says}`, () => {
    assert.equal(fields(validateStatusUpdate(DaemonSets, daemonSet(observed, status(part)), daemonSet(observed), context)), wrong)
  })
}
test('in a status, collisions are not uncounted', () => {
  const old = daemonSet(status({ collisionCount: 2 }))
  assert.equal(fields(validateStatusUpdate(DaemonSets, daemonSet(status({ collisionCount: 1 })), old, context)), 'status.collisionCount')
  assert.equal(fields(validateStatusUpdate(DaemonSets, daemonSet(), old, context)), 'status.collisionCount')
})

test('every refusal of a set has the words that upstream has', () => {
  const wrong = daemonSet(selector({ foo: 'bar' }), restart('Never'), set => {
    podSpec(set).activeDeadlineSeconds = 5
    set.spec.minReadySeconds = -1
    set.spec.revisionHistoryLimit = -1
    set.spec.updateStrategy = { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: '1', maxSurge: -1 } }
  })
  assert.deepEqual(
    validateCreate(DaemonSets, wrong, context).map(e => `${e.field}: ${e.message}`),
    [
      'spec.template.metadata.labels: Invalid value: {"a":"b"}: `selector` does not match template `labels`',
      'spec.template.spec.restartPolicy: Unsupported value: "Never": supported values: "Always"',
      'spec.template.spec.activeDeadlineSeconds: Forbidden: activeDeadlineSeconds in DaemonSet is not Supported',
      'spec.minReadySeconds: Invalid value: -1: must be greater than or equal to 0',
      "spec.updateStrategy.rollingUpdate.maxUnavailable: Invalid value: \"1\": a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')",
      'spec.updateStrategy.rollingUpdate.maxSurge: Invalid value: -1: must be greater than or equal to 0',
      'spec.revisionHistoryLimit: Invalid value: -1: must be greater than or equal to 0',
    ],
  )
})
