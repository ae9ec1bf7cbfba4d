import { streamSSE } from 'hono/streaming'
import type { Clock, Millis } from '../../kernel/clock.ts'
import type { Ids } from '../../kernel/ids.ts'
import { ProblemError, refused } from '../../kernel/problem.ts'
import type { Deps, Routes, Who } from './deps.ts'
import { forbidden } from './problem.ts'

/** Who hears: one reader, or the staff of a library. */
export type Audience =
  | { readonly libraryId: string; readonly patronId: string }
  | { readonly libraryId: string; readonly staff: true }

export interface Message {
  readonly id: string
  readonly event: string
  readonly data: Readonly<Record<string, unknown>>
}

/** Live changes. What is told is only that something changed: the page asks for the rest, with its own rights. */
export interface Stream {
  publish(to: Audience, event: string, data: Readonly<Record<string, unknown>>): void
  /**
   * Hears from now on, or from `lastId` on. Where that is too long ago, each event name comes once without
   * data: everything may have changed. Throws `refused/too-many-streams`.
   */
  open(audience: Audience, lastId?: string): Hearing
  /** Ends every hearing. */
  close(): void
}
export interface Hearing {
  /** Undefined when the hearing has ended; it also ends when its hearer is too slow. */
  next(): Promise<Message | undefined>
  close(): void
}

const kept = 2000
const waitingLimit = 200
const perAudience = 20
const together = 5000
const heartbeat: Millis = 20_000

const keyOf = (a: Audience): string =>
  'staff' in a ? `staff ${a.libraryId}` : `reader ${a.libraryId} ${a.patronId}`

const anythingMayHaveChanged = (a: Audience): readonly string[] =>
  'staff' in a ? ['work', 'locker', 'locker-setup', 'link'] : ['order', 'message']

interface Entry extends Message {
  readonly number: number
  readonly key: string
}

/** Keeps the last messages of this process, so that a page that lost its connection misses none. */
export const createStream = (ids: Pick<Ids, 'secret'>): Stream => {
  const boot = ids.secret(6)
  const ring: Entry[] = []
  const hearings = new Map<string, Set<Queue>>()
  let last = 0
  let count = 0
  const idOf = (number: number): string => `${boot}.${number}`

  const missed = (audience: Audience, lastId: string): readonly Message[] => {
    const key = keyOf(audience)
    const number = lastId.startsWith(`${boot}.`) ? Number(lastId.slice(boot.length + 1)) : Number.NaN
    const known = number <= last && number >= (ring[0]?.number ?? last + 1) - 1
    if (known) return ring.filter(entry => entry.number > number && entry.key === key)
    return anythingMayHaveChanged(audience).map(event => ({ id: idOf(last), event, data: {} }))
  }

  return {
    publish: (to, event, data) => {
      last += 1
      const entry = { number: last, id: idOf(last), key: keyOf(to), event, data }
      ring.push(entry)
      if (ring.length > kept) ring.shift()
      for (const queue of hearings.get(entry.key) ?? []) queue.push(entry)
    },
    open: (audience, lastId) => {
      const key = keyOf(audience)
      const mates = hearings.get(key) ?? new Set()
      if (mates.size >= perAudience || count >= together) throw new ProblemError(tooMany)
      const queue = new Queue(lastId === undefined ? [] : missed(audience, lastId))
      hearings.set(key, mates.add(queue))
      count += 1
      queue.onEnd = () => {
        count -= 1
        mates.delete(queue)
        if (mates.size === 0) hearings.delete(key)
      }
      return queue
    },
    close: () => {
      for (const queues of hearings.values()) for (const queue of queues) queue.close()
    },
  }
}

const tooMany = refused('too-many-streams', {
  zh: '同时打开的页面太多，请关掉几个。',
  en: 'Too many pages are open at once; close some.',
})

class Queue implements Hearing {
  #waiting: Message[]
  #ended = false
  #wake: (() => void) | undefined
  onEnd = (): void => {}

  constructor(first: readonly Message[]) {
    this.#waiting = [...first]
  }

  push(message: Message): void {
    if (this.#waiting.length >= waitingLimit) {
      this.close()
      return
    }
    this.#waiting.push(message)
    this.#wake?.()
  }

  async next(): Promise<Message | undefined> {
    while (this.#waiting.length === 0 && !this.#ended)
      await new Promise<void>(resolve => {
        this.#wake = resolve
      })
    return this.#ended ? undefined : this.#waiting.shift()
  }

  close(): void {
    if (this.#ended) return
    this.#ended = true
    this.#wake?.()
    this.onEnd()
  }
}

/** The message, or 'silence' when none came for a heartbeat. */
const orSilence = <T>(next: Promise<T>, clock: Clock): Promise<T | 'silence'> =>
  new Promise((resolve, reject) => {
    const cancel = clock.after(heartbeat, () => resolve('silence'))
    next.then(resolve, reject).finally(cancel)
  })

const audienceOf = (who: Who): Audience => {
  if (who.role === 'reader') return { libraryId: who.libraryId, patronId: who.patronId }
  if ('userId' in who) return { libraryId: who.libraryId, staff: true }
  throw new ProblemError(forbidden)
}

/** GET /api/stream?as=reader|staff */
export const streamRoutes =
  ({ stream, clock }: Pick<Deps, 'stream'> & { readonly clock: Clock }): Routes =>
  app => {
    app.get('/api/stream', c => {
      const hearing = stream.open(audienceOf(c.get('who')), c.req.header('Last-Event-ID')?.slice(0, 64))
      c.header('X-Accel-Buffering', 'no')
      return streamSSE(c, async sse => {
        sse.onAbort(() => hearing.close())
        await sse.write(': hello\n\nretry: 2000\n\n')
        let next = hearing.next()
        for (;;) {
          const message = await orSilence(next, clock)
          if (message === undefined) return
          if (message === 'silence') {
            await sse.write(': \n\n')
            continue
          }
          await sse.writeSSE({ id: message.id, event: message.event, data: JSON.stringify(message.data) })
          next = hearing.next()
        }
      })
    })
  }
