/**
 * What an unquoted scalar means to Kubernetes' YAML reader, which is neither YAML 1.1 nor 1.2: `yes` and `on` are
 * booleans, `0644` and `0o644` both octal, `22:22` and dates strings, `1_000` a number.
 */
export function plainScalar(text: string): string | number | boolean | null {
  const word = WORDS.get(text)
  if (word !== undefined) return word
  const first = text.charCodeAt(0)
  const digit = first >= 0x30 && first <= 0x39
  if (!digit && first !== 0x2b && first !== 0x2d && first !== 0x2e) return text
  if (first === 0x2e) return FLOAT.test(text) ? finite(text) : text
  const plain = text.includes('_') ? text.replaceAll('_', '') : text
  const integer = INTEGER.exec(plain)
  if (integer) {
    const [, sign, hex, octal, binary, oldOctal, decimal] = integer
    const digits = hex ?? octal ?? binary ?? oldOctal ?? decimal!
    const base = hex !== undefined ? 16 : octal !== undefined || oldOctal !== undefined ? 8 : binary !== undefined ? 2 : 10
    const value = base === 10 ? Number(digits) : Number.parseInt(digits, base)
    if (value <= 2 ** 64) return sign === '-' && value !== 0 ? -value : value
    if (base !== 10) return text
  }
  return FLOAT.test(plain) ? finite(plain, text) : text
}

const WORDS = new Map<string, boolean | number | null>()
for (const word of ['y', 'Y', 'yes', 'Yes', 'YES', 'true', 'True', 'TRUE', 'on', 'On', 'ON']) WORDS.set(word, true)
for (const word of ['n', 'N', 'no', 'No', 'NO', 'false', 'False', 'FALSE', 'off', 'Off', 'OFF']) WORDS.set(word, false)
for (const word of ['', '~', 'null', 'Null', 'NULL']) WORDS.set(word, null)
for (const word of ['.nan', '.NaN', '.NAN']) WORDS.set(word, Number.NaN)
for (const word of ['.inf', '.Inf', '.INF', '+.inf', '+.Inf', '+.INF']) WORDS.set(word, Number.POSITIVE_INFINITY)
for (const word of ['-.inf', '-.Inf', '-.INF']) WORDS.set(word, Number.NEGATIVE_INFINITY)

const INTEGER = /^([-+]?)(?:0[xX]([0-9a-fA-F]+)|0[oO]([0-7]+)|0[bB]([01]+)|0([0-7]+)|(0|[1-9]\d*))$/
const FLOAT = /^[-+]?(?:\.\d+|\d+(?:\.\d*)?)(?:[eE][-+]?\d+)?$/

const finite = (text: string, written = text): number | string => {
  const value = Number(text)
  return Number.isFinite(value) ? value : written
}
