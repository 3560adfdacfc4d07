/** The annotation that carries `spec.templateGeneration` of extensions/v1beta1, at apps/v1 and in the store. */
export const TEMPLATE_GENERATION = 'deprecated.daemonset.template.generation'
