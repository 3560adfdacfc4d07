export type Labels = Readonly<Record<string, string>>

/** Labels as kubectl prints them: `a=b,c=d`, sorted by key; `<none>` if there are none. */
export function formatLabels(labels: Labels | undefined): string {
  const keys = labels ? Object.keys(labels).sort() : []
  return keys.length === 0 ? '<none>' : keys.map(key => `${key}=${labels?.[key]}`).join(',')
}
