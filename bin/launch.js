// Plain JavaScript that an old Node can parse: installs what is missing, then runs a TypeScript entry on a Node that can.
const { spawn, spawnSync } = require('node:child_process')
const { accessSync, constants, mkdirSync } = require('node:fs')
const { dirname, join } = require('node:path')
const { install } = require('./install.js')

const ROOT = dirname(__dirname)
/** Strips types, has `node:sqlite` without a flag, and serves HTTP/2 and HTTP/1.1 upgrades on one port. */
const FLOOR = [24, 15]
const PINNED = join(ROOT, 'node_modules', '.bin', 'node')
const FLAGS = ['--disable-warning=ExperimentalWarning']

function newEnough(version) {
  const [major, minor] = version.replace(/^v/, '').split('.').map(Number)
  return major > FLOOR[0] || (major === FLOOR[0] && minor >= FLOOR[1])
}

/** The Node to run on: this one if it is new enough, else the pinned one if it starts. */
function findNode() {
  if (newEnough(process.version)) return process.execPath
  const probe = spawnSync(PINNED, ['--version'], { encoding: 'utf8' })
  return probe.status === 0 && newEnough(probe.stdout.trim()) ? PINNED : undefined
}

function chooseNode() {
  const node = findNode()
  if (node !== undefined) return node
  process.stderr.write(
    `everynode: needs Node ${FLOOR.join('.')} or newer; this is ${process.version} and the pinned one does not start here. Install Node 26 from your system.\n`,
  )
  process.exit(1)
}

const environment = () => ({ ...process.env, NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE || compileCache() })

/** That of the installation, or one at home for those who run what somebody else has installed. */
function compileCache() {
  const cache = join(ROOT, 'node_modules', '.cache', 'everynode')
  try {
    mkdirSync(cache, { recursive: true })
    accessSync(cache, constants.W_OK)
    return cache
  } catch {
    const home = process.env.XDG_CACHE_HOME || (process.env.HOME && join(process.env.HOME, '.cache'))
    return home ? join(home, 'everynode') : cache
  }
}

/** Converts the program, so that no start has to. Where that does not work, the first start does it. */
function convert(node) {
  spawnSync(node, [...FLAGS, join(ROOT, 'tools', 'convert.ts')], { cwd: ROOT, env: environment(), stdio: 'ignore' })
}

/** Runs `entry` (relative to the project) with `args` on the Node chosen, in this process's place where the system can do that. */
function launch(entry, args) {
  const installed = install()
  const node = chooseNode()
  if (installed) convert(node)
  const argv = [...FLAGS, join(ROOT, entry), ...args]
  const env = environment()
  if (typeof process.execve === 'function') process.execve(node, [node, ...argv], env)
  const child = spawn(node, argv, { stdio: 'inherit', env })
  // A terminal sends its signals to both; other senders reach only this process. The child decides when it is done.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
  child.on('error', error => {
    process.stderr.write(`everynode: ${error.message}\n`)
    process.exit(1)
  })
  child.on('exit', (code, signal) => process.exit(signal ? 1 : (code ?? 1)))
}

module.exports = { convert, findNode, launch }
