import { type ChildProcess, fork } from 'node:child_process'
import type { CallAnswer, CallRequest, Calls } from './serve-calls.ts'

/** So long after the last answer the process ends. */
const IDLE_MS = 5000
/** A call that takes longer has failed, and its process with it. */
const LONGEST_MS = 30_000

interface Waiting {
  readonly resolve: (value: never) => void
  readonly reject: (error: Error) => void
  readonly timer: NodeJS.Timeout
}

/**
 * Calls functions in a process of their own, which starts with the first call and ends soon after the last one: what a
 * library that is seldom needed takes in memory is given back with it. (A thread that ended keeps most of that.)
 * Rejects with an `Error` of the message that the function threw.
 */
export class Aside<C extends Calls> {
  readonly #module: URL
  readonly #idleMs: number
  #child: ChildProcess | undefined
  #waiting = new Map<number, Waiting>()
  #lastId = 0
  #idle: NodeJS.Timeout | undefined

  /** `module` calls `serveCalls`. */
  constructor(module: URL, { idleMs = IDLE_MS }: { readonly idleMs?: number } = {}) {
    this.#module = module
    this.#idleMs = idleMs
  }

  call<N extends keyof C & string>(name: N, ...args: Parameters<C[N]>): ReturnType<C[N]> {
    const id = ++this.#lastId
    const answered = new Promise((resolve, reject) => {
      this.#child ??= this.#start()
      const child = this.#child
      clearTimeout(this.#idle)
      child.channel?.ref()
      const timer = setTimeout(() => child.kill('SIGKILL'), LONGEST_MS).unref()
      this.#waiting.set(id, { resolve, reject, timer })
      child.send({ id, name, args } satisfies CallRequest)
    })
    return answered as ReturnType<C[N]>
  }

  #start(): ChildProcess {
    const child = fork(this.#module, {
      execArgv: ['--disable-warning=ExperimentalWarning'],
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    })
    child.unref()
    child.channel?.unref()
    child.on('message', (answer: CallAnswer) => this.#settle(answer))
    child.once('error', error => this.#end(child, error))
    child.once('exit', (code, signal) => this.#end(child, new Error(`${this.#module.pathname} ended with ${signal ?? code}`)))
    this.#endWhenIdle(child)
    return child
  }

  #settle({ id, value, failed }: CallAnswer): void {
    const waiting = this.#waiting.get(id)
    if (!waiting) return
    this.#waiting.delete(id)
    clearTimeout(waiting.timer)
    if (failed === undefined) waiting.resolve(value as never)
    else waiting.reject(new Error(failed))
    if (this.#waiting.size === 0 && this.#child) this.#endWhenIdle(this.#child)
  }

  #endWhenIdle(child: ChildProcess): void {
    child.channel?.unref()
    clearTimeout(this.#idle)
    this.#idle = setTimeout(() => {
      if (this.#child === child) this.#child = undefined
      if (child.connected) child.disconnect()
    }, this.#idleMs).unref()
  }

  /** What waits for a process that is gone has failed. */
  #end(child: ChildProcess, error: Error): void {
    if (this.#child !== child) return
    this.#child = undefined
    clearTimeout(this.#idle)
    const waiting = [...this.#waiting.values()]
    this.#waiting.clear()
    for (const { reject, timer } of waiting) {
      clearTimeout(timer)
      reject(error)
    }
  }
}
