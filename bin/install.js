// Installs what the lockfile names, unless somebody has: plain JavaScript that an old Node can parse.
const { spawnSync } = require('node:child_process')
const { createHash } = require('node:crypto')
const { existsSync, readFileSync, statSync, unlinkSync, writeFileSync } = require('node:fs')
const { dirname, join } = require('node:path')

const ROOT = dirname(__dirname)
/** Holds the hash of the lockfile that node_modules was last found to be like. */
const STAMP = join(ROOT, 'node_modules', '.everynode-lock')
/** Holds the id of the process that installs: two starts at once must not tear down each other's node_modules. */
const INSTALLING = join(ROOT, '.everynode-installing')
const LONGEST_INSTALL_MS = 600_000

/** Whether it had to install. Ends the process, having said why, when it could not. */
function install() {
  const lock = join(ROOT, 'package-lock.json')
  if (!existsSync(lock)) return false // a published package: its dependencies came with it
  const wanted = readFileSync(lock, 'utf8')
  if (isInstalled(wanted)) return false
  waitForTurn()
  process.once('exit', endTurn)
  if (isInstalled(wanted)) {
    endTurn()
    return false
  }
  process.stderr.write('everynode: installing dependencies\n')
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm'
  const done = spawnSync(npm, ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], { cwd: ROOT, stdio: ['ignore', 2, 2] })
  if (done.status !== 0) {
    process.stderr.write(`everynode: npm ci failed${done.error ? `: ${done.error.message}` : ''}; install npm 10 or newer and try again\n`)
    process.exit(1)
  }
  writeFileSync(STAMP, hashOf(wanted))
  endTurn()
  return true
}

/** `lock`: the text of the lockfile. */
function isInstalled(lock) {
  const hash = hashOf(lock)
  if (existsSync(STAMP) && readFileSync(STAMP, 'utf8') === hash) return true
  if (!isLike(JSON.parse(lock).packages, whatNpmInstalled())) return false
  try {
    writeFileSync(STAMP, hash)
  } catch {
    // Somebody else's node_modules: compared anew at each start.
  }
  return true
}

/** By their paths, as npm writes it down when it is done. */
function whatNpmInstalled() {
  try {
    return JSON.parse(readFileSync(join(ROOT, 'node_modules', '.package-lock.json'), 'utf8')).packages
  } catch {
    return {}
  }
}

/** Whether all of the lockfile is there and nothing else, apart from what is for other systems, and from what is for development if none of that is there. */
function isLike(wanted, there) {
  const development = Object.values(there).some(one => one.dev)
  return (
    Object.entries(there).every(([path, one]) => wanted[path]?.version === one.version && wanted[path]?.integrity === one.integrity) &&
    Object.entries(wanted).every(([path, one]) => path === '' || one.optional || (one.dev && !development) || there[path] !== undefined)
  )
}

const hashOf = text => createHash('sha256').update(text).digest('hex')

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

module.exports = { install }
