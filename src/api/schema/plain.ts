/** Sets an own property whatever its name is. */
export function setOwn(target: Record<string, unknown>, key: string, value: unknown): void {
  if (key === '__proto__') Object.defineProperty(target, key, { value, writable: true, enumerable: true, configurable: true })
  else target[key] = value
}

/** `spec.containers[0].name`. */
export function shownPath(path: readonly (string | number)[], length = path.length): string {
  let text = ''
  for (let i = 0; i < length; i++) {
    const part = path[i]
    text += typeof part === 'number' ? `[${part}]` : text ? `.${part}` : part
  }
  return text
}
