/** Preloaded with `--import`: writes what a process has loaded into the file of `EVERYNODE_LOADED`, one a line, as it comes: packages by name, own modules from `src/` on, and `undici` if Node's own was. */
import { appendFileSync } from 'node:fs'
import { registerHooks } from 'node:module'

const file = process.env['EVERYNODE_LOADED']
const seen = new Set<string>()
registerHooks({
  load(url, context, next) {
    const name = (/\/node_modules\/((?:@[^/]+\/)?[^/]+)\/(?!.*\/node_modules\/)/.exec(url) ?? /\/(src\/[^?]+)$/.exec(url))?.[1]
    if (file && name && !seen.has(name)) {
      seen.add(name)
      appendFileSync(file, `${name}\n`)
    }
    return next(url, context)
  },
})
process.once('exit', () => {
  const { moduleLoadList } = process as unknown as { readonly moduleLoadList: readonly string[] }
  if (file && moduleLoadList.some(name => name.endsWith('internal/deps/undici/undici'))) appendFileSync(file, 'undici\n')
})
