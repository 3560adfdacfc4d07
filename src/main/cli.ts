import { Command, CommanderError, InvalidArgumentError, Option } from 'commander'
import { findOwnModules } from '../base/node/own-modules.ts'
import { explain, Failure, usage } from './failure.ts'
import { LEVELS, type Level } from './log.ts'
import { VERSION } from './version.ts'

/** Reads the command line, runs one verb, exits: 0 done, 1 it failed and said why on stderr, 2 usage. */
export async function main(words: readonly string[]): Promise<number> {
  const program = describe()
  try {
    if (words.length === 0) {
      program.outputHelp({ error: true })
      throw usage('name a verb')
    }
    await program.parseAsync([...words], { from: 'user' })
    return 0
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
    process.stderr.write(`everynode: ${explain(error)}\n`)
    return error instanceof Failure ? error.code : 1
  }
}

const count = (text: string): number => {
  if (!/^\d{1,6}$/.test(text)) throw new InvalidArgumentError('a whole number is wanted')
  return Number(text)
}
const collect = (text: string, before: readonly string[] = []): readonly string[] => [...before, text]
const listen = (text: string): { host: string; port: number } => {
  const found = /^(?:\[([0-9a-fA-F:]+)\]|([^:[\]]+)):(\d{1,5})$/.exec(text)
  const port = Number(found?.[3])
  if (!found || port > 65535) throw new InvalidArgumentError('wanted: ADDRESS:PORT, such as 127.0.0.1:6443')
  return { host: found[1] ?? found[2]!, port }
}
const pairs = (text: string): Readonly<Record<string, string>> =>
  Object.fromEntries(
    text.split(',').map(pair => {
      const at = pair.indexOf('=')
      if (at < 1) throw new InvalidArgumentError('wanted: key=value,key=value')
      return [pair.slice(0, at), pair.slice(at + 1)]
    }),
  )

const logLevel = () => new Option('--log-level <level>', 'how much to say on stderr').choices(LEVELS).default('warn' satisfies Level)
const dataDir = () => new Option('--data-dir <dir>', 'where everything that must survive is kept')
const auditPolicy = () => new Option('--audit-policy <file>', 'an audit.k8s.io/v1 Policy: what of which requests is written down')
const auditLog = () => new Option('--audit-log <path>', 'where it is written (default: audit.log in the data directory)')
const output = () => new Option('-o, --output <form>', 'json for scripts').choices(['text', 'json']).default('text')
const kubeconfig = () => new Option('--kubeconfig <file>', 'which cluster; $KUBECONFIG or the data directory of this machine when absent')
const context = () => new Option('--context <name>', 'which context of the kubeconfig; its current one when absent')

function describe(): Command {
  const program = new Command('everynode')
    .description('Runs a daemon on every machine.')
    .exitOverride()
    .showHelpAfterError('(everynode --help lists the verbs)')
    .helpCommand('help [verb]', 'help for one verb')

  program
    .command('up')
    .description('a server and nodes in one go, in the foreground')
    .addOption(new Option('--nodes <count>', 'local nodes (default: 3, or 1 with --cri or --runtime processes)').argParser(count))
    .addOption(new Option('--simulated <count>', 'simulated nodes to add').argParser(count).default(0))
    .addOption(new Option('--runtime <name>', 'what runs the pods of local nodes').choices(['auto', 'containers', 'processes', 'simulated']).default('auto'))
    .option('--cri <socket>', 'use the container engine on this socket; one local node')
    .option('--share-engine', 'use the engine of --cri although another agent runs pods there', false)
    .addOption(dataDir())
    .addOption(
      new Option('--listen <address:port>', 'where the API is served; port 0 takes a free one')
        .argParser(listen)
        .default({ host: '127.0.0.1', port: 6443 }, '127.0.0.1:6443'),
    )
    .option('--kubeconfig <file>', 'where to write the admin kubeconfig (default: kubeconfig in the data directory)')
    .addOption(auditPolicy())
    .addOption(auditLog())
    .option('--images <file|dir>', 'image archives to import into every local node', collect)
    .option('--apply <file|dir|url>', 'manifests to apply once the server is ready', collect)
    .addOption(logLevel())
    .action(async options => (await import('./up.ts')).up(options))

  program
    .command('server')
    .description('the API server and its controllers')
    .addOption(dataDir())
    .addOption(new Option('--listen <address:port>', 'where the API is served').argParser(listen).default({ host: '127.0.0.1', port: 6443 }, '127.0.0.1:6443'))
    .option('--advertise <address>', 'an address under which agents reach this server, to stand in its certificate', collect)
    .option('--kubeconfig <file>', 'where to write the admin kubeconfig (default: kubeconfig in the data directory)')
    .addOption(auditPolicy())
    .addOption(auditLog())
    .addOption(logLevel())
    .action(async options => (await import('./server.ts')).runServer(options))

  const agent = program
    .command('agent')
    .description('the node agent: runs the daemons of this machine')
    .option('--server <url>', 'the server, as https://ADDRESS:PORT')
    .option('--token <token>', 'a join token of `everynode token create`')
    .option('--ca-hash <sha256:hex>', "the server's CA, as `token create` prints it")
    .option('--kubeconfig <file>', 'credentials instead of a token')
    .option('--node-name <name>', "the node's name (default: this machine's)")
    .addOption(new Option('--labels <k=v,…>', 'labels of the node').argParser(pairs))
    .option('--taints <k=v:Effect>', 'taints of the node when it registers', collect)
    .addOption(new Option('--runtime <name>', 'what runs the pods').choices(['auto', 'containers', 'processes', 'simulated']).default('auto'))
    .option('--cri <socket>', 'the container engine')
    .option('--share-engine', 'use the engine although another agent runs pods there', false)
    .option('--images <file|dir>', 'image archives to import at start', collect)
    .option('--address <address>', "the node's address, when it is not the one on the way to the server", collect)
    .option('--pod-cidr <cidr>', 'where the addresses of its pods come from, for the Node object')
    .option('--log-root <dir>', 'where container logs lie (default: /var/log)')
    .option('--cgroup-root <path>', 'under which the cgroups of its pods lie (default: /everynode)')
    .option('--api-address <host:port>', 'where pods reach the API, when it is not the address of --server')
    .option('--static-pods <dir>', 'manifests of pods to run without the server')
    .addOption(dataDir())
    .addOption(logLevel())
    .action(async options => {
      if (options.runtime !== 'simulated') (await import('./lean-process.ts')).becomeLean()
      await (await import('./agent.ts')).runAgentVerb(options)
    })
  agent
    .command('install')
    .description('join, then let systemd run the agent from now on and after every boot')
    .option('--print', 'show the systemd unit and change nothing', false)
    .action(async (_options, command: Command) => (await import('./install-agent.ts')).installAgent(command.optsWithGlobals()))

  const token = program.command('token').description('join tokens: create, list, delete')
  token
    .command('create')
    .description('make a token and print the line to paste on the new machine')
    .option('--node <name>', 'only for the node of this name')
    .addOption(new Option('--uses <count>', 'how many nodes may join with it').argParser(count))
    .option('--ttl <duration>', 'how long it is good, such as 2h or 7d', '24h')
    .addOption(kubeconfig())
    .addOption(context())
    .addOption(dataDir())
    .addOption(output())
    .action(async options => (await import('./token.ts')).createToken(options))
  token
    .command('list')
    .description('the tokens there are')
    .addOption(kubeconfig())
    .addOption(context())
    .addOption(dataDir())
    .addOption(output())
    .action(async options => (await import('./token.ts')).listTokens(options))
  token
    .command('delete <id>')
    .description('make a token useless')
    .addOption(kubeconfig())
    .addOption(context())
    .addOption(dataDir())
    .action(async (id: string, options) => (await import('./token.ts')).deleteToken(id, options))

  program
    .command('why <daemonset> [node]')
    .description('why a node has, or has not, the pod of a DaemonSet (ds/NAME)')
    .option('-n, --namespace <name>', 'the namespace of the DaemonSet')
    .addOption(kubeconfig())
    .addOption(context())
    .addOption(dataDir())
    .addOption(output())
    .action(async (set: string, node: string | undefined, options) => (await import('./why.ts')).why(set, node, options))

  program
    .command('backup <file>')
    .description('copy everything a running server has, its keys too, into a new file')
    .addOption(kubeconfig())
    .addOption(context())
    .addOption(dataDir())
    .action(async (file: string, options) => (await import('./backup.ts')).backup(file, options))

  program
    .command('restore <file>')
    .description('make the data directory of a new server from a backup')
    .addOption(dataDir())
    .action(async (file: string, options) => (await import('./restore.ts')).restore(file, options))

  program
    .command('move')
    .description('tell all agents where they will find this server: run it before the server moves to another address')
    .addArgument(program.createArgument('<address:port>', 'where the API will be served').argParser(listen))
    .addOption(kubeconfig())
    .addOption(dataDir())
    .addOption(output())
    .action(async (to: { host: string; port: number }, options) => (await import('./move.ts')).move(to, options))

  program
    .command('version')
    .description('the version, and with --check whether everything can be loaded')
    .option('--check', 'load every library that is otherwise loaded on use', false)
    .addOption(output())
    .action(async options => (await import('./version-verb.ts')).version(options, VERSION))

  for (const command of [program, ...program.commands, ...token.commands, ...agent.commands]) {
    command.exitOverride().configureOutput({ writeErr: text => process.stderr.write(text.replace(/^error: /, 'everynode: ')) })
  }
  return program
}

if (import.meta.main) {
  findOwnModules(new URL('../', import.meta.url).href)
  process.exitCode = await main(process.argv.slice(2))
  // Whatever a failed start left open must not keep the process.
  if (process.exitCode !== 0) process.exit()
}
