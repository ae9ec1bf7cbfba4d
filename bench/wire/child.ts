import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/** A part of a benchmark in a process of its own. */
export interface Child {
  /** One question and its answer; throws when the child stumbles or ends. */
  ask<T>(what: string, given?: unknown): Promise<T>
  close(): Promise<void>
}

interface Told {
  readonly number: number
  readonly result?: unknown
  readonly error?: string
}

/** Starts `bench/wire/<name>.ts`; `args` are for Node itself. */
export const startChild = (name: string, args: readonly string[] = []): Child => {
  const file = fileURLToPath(new URL(`${name}.ts`, import.meta.url))
  const child: ChildProcess = fork(file, [], {
    execArgv: ['--expose-gc', ...args],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    serialization: 'advanced',
  })
  const waiting = new Map<number, { resolve: (result: never) => void; reject: (error: Error) => void }>()
  let count = 0
  const ended = new Promise<void>(resolve => {
    child.once('exit', code => {
      for (const { reject } of waiting.values()) reject(new Error(`${name} ended with ${code}`))
      resolve()
    })
  })
  child.on('message', ({ number, result, error }: Told) => {
    const one = waiting.get(number)
    waiting.delete(number)
    if (error === undefined) one?.resolve(result as never)
    else one?.reject(new Error(`${name}: ${error}`))
  })
  return {
    ask: <T>(what: string, given?: unknown) =>
      new Promise<T>((resolve, reject) => {
        const number = count++
        waiting.set(number, { resolve, reject })
        child.send({ number, what, given })
      }),
    close: async () => {
      child.disconnect()
      await ended
    },
  }
}

type Deeds = Readonly<Record<string, (given: never) => unknown>>

/** The child's side: answers questions until nobody is there any more, then tidies up and ends. */
export const serveParent = (deeds: Deeds, close: () => unknown = () => {}): void => {
  process.on('message', ({ number, what, given }: { number: number; what: string; given: unknown }) => {
    void (async () => deeds[what]!(given as never))().then(
      result => process.send!({ number, result }),
      error => process.send!({ number, error: error instanceof Error ? error.stack : String(error) }),
    )
  })
  process.once('disconnect', () => {
    void (async () => close())().finally(() => process.exit(0))
  })
}

/** What a process has used so far: CPU seconds; after tidying up resident bytes, and those of live objects. */
export interface Usage {
  readonly cpu: number
  readonly resident: number
  readonly live: number
}

/** CPU seconds so far, with nothing tidied up. */
export const spent = (): number => {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1e6
}

export const usage = async (): Promise<Usage> => {
  const cpu = spent()
  for (let i = 0; i < 4; i++) {
    globalThis.gc?.()
    await new Promise(resolve => setTimeout(resolve, 50))
  }
  const { rss, heapUsed, external } = process.memoryUsage()
  return { cpu, resident: rss, live: heapUsed + external }
}
