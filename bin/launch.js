// Plain JavaScript that an old Node can parse: installs what is missing, then runs a TypeScript entry on a Node that can.
const { spawn, spawnSync } = require('node:child_process')
const { createHash } = require('node:crypto')
const { existsSync, readFileSync, statSync, unlinkSync, writeFileSync } = require('node:fs')
const { dirname, join } = require('node:path')

const ROOT = dirname(__dirname)
/** Strips types, has `node:sqlite` without a flag, and serves HTTP/2 and HTTP/1.1 upgrades on one port. */
const FLOOR = [24, 15]
const PINNED = join(ROOT, 'node_modules', '.bin', 'node')
const STAMP = join(ROOT, 'node_modules', '.everynode-lock')
/** Holds the id of the process that installs: two starts at once must not tear down each other's node_modules. */
const INSTALLING = join(ROOT, '.everynode-installing')
const LONGEST_INSTALL_MS = 600_000

function newEnough(version) {
  const [major, minor] = version.replace(/^v/, '').split('.').map(Number)
  return major > FLOOR[0] || (major === FLOOR[0] && minor >= FLOOR[1])
}

function install() {
  const lock = join(ROOT, 'package-lock.json')
  if (!existsSync(lock)) return // a published package: its dependencies came with it
  const wanted = createHash('sha256').update(readFileSync(lock)).digest('hex')
  const installed = () => existsSync(STAMP) && readFileSync(STAMP, 'utf8') === wanted
  if (installed()) return
  waitForTurn()
  process.once('exit', endTurn)
  if (installed()) return endTurn()
  process.stderr.write('everynode: installing dependencies\n')
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm'
  const done = spawnSync(npm, ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], { cwd: ROOT, stdio: ['ignore', 2, 2] })
  if (done.status !== 0) {
    process.stderr.write(`everynode: npm ci failed${done.error ? `: ${done.error.message}` : ''}; install npm 10 or newer and try again\n`)
    process.exit(1)
  }
  writeFileSync(STAMP, wanted)
  endTurn()
}

function endTurn() {
  if (existsSync(INSTALLING) && readFileSync(INSTALLING, 'utf8') === String(process.pid)) unlinkSync(INSTALLING)
}

/** Returns once this process is the one that installs. One that died, or takes for ever, gives up its turn. */
function waitForTurn() {
  for (;;) {
    try {
      return writeFileSync(INSTALLING, String(process.pid), { flag: 'wx' })
    } catch (error) {
      if (error.code !== 'EEXIST') return // npm says better why nothing can be written here
    }
    try {
      process.kill(Number(readFileSync(INSTALLING, 'utf8')) || process.pid, 0)
      if (Date.now() - statSync(INSTALLING).mtimeMs < LONGEST_INSTALL_MS) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 200)
      else unlinkSync(INSTALLING)
    } catch (error) {
      if (error.code === 'ESRCH') unlinkSync(INSTALLING)
    }
  }
}

/** The Node to run on: this one if it is new enough, else the pinned one if it starts. */
function chooseNode() {
  if (newEnough(process.version)) return process.execPath
  const probe = spawnSync(PINNED, ['--version'], { encoding: 'utf8' })
  if (probe.status === 0 && newEnough(probe.stdout.trim())) return PINNED
  process.stderr.write(
    `everynode: needs Node ${FLOOR.join('.')} or newer; this is ${process.version} and the pinned one does not start here. Install Node 26 from your system.\n`,
  )
  process.exit(1)
}

/** Runs `entry` (relative to the project) with `args` on the Node chosen, in this process's place where the system can do that. */
function launch(entry, args) {
  install()
  const node = chooseNode()
  const argv = ['--disable-warning=ExperimentalWarning', join(ROOT, entry), ...args]
  const env = { ...process.env, NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE || join(ROOT, 'node_modules', '.cache', 'everynode') }
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

module.exports = { launch }
