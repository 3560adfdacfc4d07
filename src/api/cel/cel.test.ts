import assert from 'node:assert/strict'
import { test } from 'node:test'
import { patternEngine } from '../schema/custom/patterns.ts'
import { compile } from './compile.ts'
import { kubernetesLibrary } from './library/kubernetes.ts'
import { CostExceeded } from './running.ts'
import { shownProblems } from './syntax.ts'
import { DYN, INT, listOf, mapOf, STRING, type Type } from './types.ts'
import { CelFailure, ListValue, MapValue, Struct, type Value } from './values.ts'

const PERSON: Type = {
  kind: 'object',
  fields: new Map<string, Type>([
    ['name', STRING],
    ['age', INT],
    ['tags', listOf(STRING)],
    ['labels', mapOf(STRING, STRING)],
    ['port', DYN],
  ]),
}
const person = new Struct(
  new Map<string, Value>([
    ['name', 'Ada'],
    ['age', 36n],
    ['tags', new ListValue(['a', 'b'])],
    ['labels', new MapValue(new Map([['x', 'y']]))],
    ['port', 80n],
  ]),
)
const environment = {
  library: kubernetesLibrary(),
  variables: { self: PERSON },
  pattern: await patternEngine(),
}

/** The value of an expression, or why it has none. */
function outcome(text: string, limit = 1_000_000): unknown {
  const program = compile(text, environment)
  if ('problems' in program) return shownProblems(text, program.problems).split('\n')[0]
  try {
    return program.evaluate({ self: person }, limit, () => {})
  } catch (error) {
    if (error instanceof CelFailure || error instanceof CostExceeded) return `fails: ${error.message}`
    throw error
  }
}

test('expressions that hold', () => {
  const held = [
    // Operators and their precedence.
    '1 + 2 * 3 == 7 && -(2 - 5) == 3 && 7 % 4 == 3 && 7 / 2 == 3 && !(1 > 2)',
    '1.5 < 2 && 2u > 1 && b"a" < b"b" && "a" < "b" && [1, 2] + [3] == [1, 2, 3]',
    'self.age > 30 ? self.name == "Ada" : false',
    '"x" in self.labels && "b" in self.tags && self.labels.x == "y" && self.labels["x"] == "y" && self.tags[1] == "b"',
    "r'\\d' == '\\\\d' && '''a\"b''' == 'a\"b' && '\\u0041\\x42' == 'AB' && b'\\xff' != b'\\xfe'",
    // Macros, with one and two variables.
    'has(self.name) && !has(self.labels.z) && self.tags.all(t, t.size() == 1) && self.tags.exists(t, t == "b") && self.tags.exists_one(t, t == "b")',
    'self.tags.map(t, t + t) == ["aa", "bb"] && self.tags.filter(t, t > "a") == ["b"] && [1, 2, 3].map(x, x > 1, x * 2) == [4, 6]',
    'self.labels.all(k, v, k < v) && self.tags.transformList(i, t, string(i) + t) == ["0a", "1b"] && {"a": 1}.transformMap(k, v, v + 1) == {"a": 2}',
    // What one side decides stands, whatever becomes of the other.
    'true || 1 / 0 == 1',
    '1 / 0 == 1 || true',
    '[0, 1].exists(x, 1 / x == 1)',
    // Conversions, times, optional values.
    'int("12") == 12 && double("1.5") == 1.5 && string(12) == "12" && type(1) == int && type(self.port) == int && uint(3) == 3u',
    'duration("1h30m").getMinutes() == 90 && timestamp("2024-02-29T12:00:00Z").getDayOfYear() == 59 && duration("90s") == duration("1m30s")',
    'timestamp("2024-01-01T23:30:00Z").getHours("Europe/Berlin") == 0 && timestamp("2024-01-01T00:00:00Z") + duration("1s") > timestamp("2024-01-01T00:00:00Z")',
    'optional.of(1).orValue(2) == 1 && self.?labels.?z.orValue("none") == "none" && self.labels[?"x"].hasValue() && optional.none().or(optional.of(3)).value() == 3',
    // Kubernetes' libraries.
    '"a-b-c".split("-", 2) == ["a", "b-c"] && "tacocat".indexOf("c") == 2 && "a,b".replace(",", ";") == "a;b" && " x ".trim() == "x" && ["a", "b"].join("-") == "a-b"',
    '"ab12".matches("^[a-z]+[0-9]+$") && "%s is %d".format(["x", 3]) == "x is 3" && "abc".substring(1, 2) == "b" && "ABC".lowerAscii() == "abc"',
    '[1, 2, 3].isSorted() && [1, 2].sum() == 3 && [3, 1].min() == 1 && [3, 1].max() == 3 && ["a", "b"].indexOf("b") == 1 && [2, 1].sort() == [1, 2]',
    'isURL("https://h:80/p?a=b") && url("https://h:80/p?a=b").getHostname() == "h" && url("https://h/p?a=b").getQuery() == {"a": ["b"]} && !isURL("../x")',
    'isIP("::1") && ip("127.0.0.1").isLoopback() && ip("fe80::1").isLinkLocalUnicast() && ip("10.0.0.1").family() == 4 && !isIP("1.2.3") && string(ip("0:0::1")) == "::1"',
    'cidr("10.0.0.0/8").containsIP("10.1.2.3") && cidr("10.0.0.0/8").containsCIDR("10.1.0.0/16") && string(cidr("10.1.2.3/8").masked()) == "10.0.0.0/8"',
    'quantity("1Gi").isGreaterThan(quantity("500Mi")) && quantity("1000m") == quantity("1") && quantity("1").add(2).asInteger() == 3 && !isQuantity("x")',
    'sets.contains([1, 2], [2]) && sets.equivalent([1, 1], [1]) && sets.intersects([1], [1, 2])',
    'semver("1.2.3").isLessThan(semver("1.10.0")) && isSemver("v1.2", true) && semver("1.0.0-rc.1").compareTo(semver("1.0.0")) == -1',
    'format.dns1123Label().validate("a-b") == optional.none() && format.named("uuid").value().validate("x").hasValue()',
  ]
  for (const text of held) assert.equal(outcome(text), true, text)
})

test('expressions that do not fit their variables say where', () => {
  const cases: [string, string][] = [
    ['self.nme == "x"', "ERROR: <input>:1:5: undefined field 'nme'"],
    ['self.age == "x"', "ERROR: <input>:1:10: found no matching overload for '_==_' applied to '(int, string)'"],
    ['self.name.size() > 1 && slf', "ERROR: <input>:1:25: undeclared reference to 'slf' (in container '')"],
    ['self.age.startsWith("x")', "ERROR: <input>:1:20: found no matching overload for 'startsWith' applied to 'int.(string)'"],
    ['self.frob()', "ERROR: <input>:1:10: undeclared reference to 'frob' (in container '')"],
    ['self.age.x', "ERROR: <input>:1:9: type 'int' does not support field selection"],
    ['self.age ? 1 : 2', "ERROR: <input>:1:5: expected type 'bool' but found 'int'"],
    ['[1, "a"]', "ERROR: <input>:1:5: expected type 'int' but found 'string'"],
    ['self.age.all(x, true)', "ERROR: <input>:1:5: expression of type 'int' cannot be range of a comprehension (must be list, map, or dynamic)"],
    ['self.name.matches("(")', 'ERROR: <input>:1:18: invalid matches argument'],
    ['duration("soon")', 'ERROR: <input>:1:9: invalid duration argument'],
    ['1 +', "ERROR: <input>:1:4: Syntax error: unexpected '<EOF>'"],
    ['a = 1', "ERROR: <input>:1:3: Syntax error: token recognition error at: '='"],
    ['9223372036854775808', 'ERROR: <input>:1:1: invalid int literal'],
    [`${'('.repeat(300)}1${')'.repeat(300)}`, 'ERROR: <input>:1:251: max recursion depth exceeded'],
    [`1${' + 1'.repeat(300)}`, 'ERROR: <input>:1:1003: max recursion depth exceeded'],
  ]
  for (const [text, problem] of cases) assert.equal(outcome(text), problem, text)
})

test('a long chain of conditions is no deep expression', () => {
  assert.equal(outcome(Array(2000).fill('self.age > 1').join(' && ')), true)
})

test('what has no value fails with a reason', () => {
  const cases: [string, string][] = [
    ['1 / 0', 'division by zero'],
    ['self.tags[5]', 'index out of bounds: 5'],
    ['self.labels.z', 'no such key: z'],
    ['9223372036854775807 + 1', 'integer overflow'],
    ['self.port + "x"', 'no such overload'],
    ['int("x")', "type conversion error from 'string' to 'int'"],
    ['optional.none().value()', 'optional.none() dereference'],
    ['ip("::ffff:1.2.3.4")', 'IPv4-mapped IPv6 address "::ffff:1.2.3.4" is not allowed'],
    ['[1].all(x, 1 / 0 == x)', 'division by zero'],
  ]
  for (const [text, why] of cases) assert.equal(outcome(text), `fails: ${why}`, text)
})

test('an expression stops when it has cost what it may', () => {
  const nested = 'lists.range(100).all(a, lists.range(100).all(b, lists.range(100).all(c, a + b + c >= 0)))'
  assert.equal(outcome(nested, 100_000), 'fails: operation cancelled: actual cost limit exceeded')
})
