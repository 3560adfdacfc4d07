/** Replaces `$(NAME)` by what `lookUp` knows; an unknown name stays as it stands, `$$` is one `$` (upstream's rule for command, args and env). */
export function expand(text: string, lookUp: (name: string) => string | undefined): string {
  return text.replace(/\$(?:\$|\(([^()]*)\))/g, (whole, name: string | undefined) => (name === undefined ? '$' : (lookUp(name) ?? whole)))
}
