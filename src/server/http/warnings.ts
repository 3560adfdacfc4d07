/** After this many characters have been sent, every further text is cut short. */
const PLENTY = 4096
const SHORT = 256

/** Collects the warnings of one request, each once, in the form of a `Warning` header. */
export class Warnings {
  readonly #texts = new Set<string>()

  readonly warn = (text: string): void => {
    this.#texts.add(text)
  }

  /** The headers' values: `299 - "text"`. */
  get values(): readonly string[] {
    let sent = 0
    return [...this.#texts].map(text => {
      const kept = sent > PLENTY ? [...text].slice(0, SHORT).join('') : text
      sent += kept.length
      return `299 - "${quoted(kept)}"`
    })
  }
}

/** Backslashes and quotes are escaped; what a header cannot carry becomes a space or `?`. */
function quoted(text: string): string {
  let out = ''
  for (const c of text) {
    const code = c.codePointAt(0)!
    if (c === '"' || c === '\\') out += `\\${c}`
    else if (code < 0x20 || code === 0x7f) out += ' '
    else out += code > 0x7e ? '?' : c
  }
  return out
}
