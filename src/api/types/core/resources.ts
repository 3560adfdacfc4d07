import { list, map, message, opt, quantity, req, type Static, string } from '../../schema/build.ts'

export const ResourceClaim = message(
  'core.v1.ResourceClaim',
  {
    name: req(1, string, 'Name of the claim in the pod.'),
    request: opt(2, string, 'One request of the claim; all of it when not given.'),
  },
  { doc: 'A claim that a container uses.' },
)
export type ResourceClaim = Static<typeof ResourceClaim>

export const ResourceRequirements = message(
  'core.v1.ResourceRequirements',
  {
    claims: opt(3, list(ResourceClaim, { list: 'map', keys: ['name'] }), 'Claims of the pod that the container uses.'),
    limits: opt(1, map(quantity), 'The most it may use, by resource.'),
    requests: opt(2, map(quantity), 'What is set aside for it, by resource; the limit when not given.'),
  },
  { doc: 'What a container needs and may use.' },
)
export type ResourceRequirements = Static<typeof ResourceRequirements>

export const VolumeResourceRequirements = message(
  'core.v1.VolumeResourceRequirements',
  {
    limits: opt(1, map(quantity), 'The most storage.'),
    requests: opt(2, map(quantity), 'The least storage.'),
  },
  { doc: 'Storage wanted.' },
)
export type VolumeResourceRequirements = Static<typeof VolumeResourceRequirements>
