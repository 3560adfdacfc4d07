import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { test } from 'node:test'
import { pathToFileURL } from 'node:url'

/** What a program writes to stderr that has the log `log` of level warn and does this. */
function written(program: string): string {
  const file = JSON.stringify(pathToFileURL(`${import.meta.dirname}/log.ts`).href)
  const whole = `import { openLog } from ${file}
import { createRequire } from 'node:module'
const pinoIsLoaded = () => Object.keys(createRequire(${file}).cache).some(name => name.includes('/pino/'))
const log = openLog('warn', { node: 'a' })
${program}`
  return spawnSync(process.execPath, ['--disable-warning=ExperimentalWarning', '--input-type=module', '-e', whole], { encoding: 'utf8' }).stderr
}

test('a line has its fields, those of the log it belongs to, and an error as its text; lines below the level are not written', () => {
  const lines = written("log.info('not this'); log.with({ pod: 'b' }).warn('this', { error: Object.assign(new Error(), { stack: 'why' }), times: 2 })")
  const { time, ...rest } = JSON.parse(lines)
  assert.match(time, /^\d{4}-\d\d-\d\dT/)
  assert.deepEqual(rest, { level: 40, node: 'a', pod: 'b', error: 'why', times: 2, msg: 'this' })
})

test('the library is loaded when there is a line to write', () => {
  const lines = written(
    "log.with({ pod: 'b' }).info('not this'); const before = pinoIsLoaded(); log.error('this'); process.stderr.write([before, pinoIsLoaded()].join())",
  )
  assert.match(lines, /"msg":"this"\}\nfalse,true$/)
})
