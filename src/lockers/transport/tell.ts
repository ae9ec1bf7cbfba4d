import type { Clock, Millis } from '../../kernel/clock.ts'
import type { CabinetEvent, TellsEvents } from '../locker.ts'

/** Hands events to the one listener: each cabinet's in order, one after the other, again until they are taken in. */
export interface Teller extends TellsEvents {
  /** False: no room; it must be told again. `taken` is called when the listener has kept it. */
  tell(event: CabinetEvent, taken?: () => void): boolean
  close(): void
}

interface Told {
  readonly event: CabinetEvent
  readonly taken: (() => void) | undefined
}
interface Queue {
  readonly waiting: Told[]
  busy: boolean
  failures: number
  cancel: (() => void) | undefined
}

const firstPause: Millis = 1000
const longestPause: Millis = 60_000

/** `room`: events of one cabinet that may wait, so that one that floods takes nobody else's. */
export const createTeller = (clock: Clock, room = 128): Teller => {
  const queues = new Map<number, Queue>()
  let listener: ((event: CabinetEvent) => Promise<void>) | undefined
  let closed = false

  const pump = async (queue: Queue): Promise<void> => {
    if (queue.busy || queue.cancel) return
    queue.busy = true
    for (let next = queue.waiting[0]; next && listener && !closed; next = queue.waiting[0]) {
      try {
        await listener(next.event)
      } catch {
        const pause = Math.min(longestPause, firstPause * 2 ** Math.min(queue.failures, 10))
        queue.failures += 1
        queue.cancel = clock.after(pause, () => {
          queue.cancel = undefined
          void pump(queue)
        })
        break
      }
      queue.failures = 0
      queue.waiting.shift()
      next.taken?.()
    }
    queue.busy = false
  }

  return {
    tell: (event, taken) => {
      let queue = queues.get(event.board)
      if (!queue) {
        queue = { waiting: [], busy: false, failures: 0, cancel: undefined }
        queues.set(event.board, queue)
      }
      if (closed || queue.waiting.length >= room) return false
      queue.waiting.push({ event, taken })
      void pump(queue)
      return true
    },
    onEvent: next => {
      listener = next
      for (const queue of queues.values()) void pump(queue)
      return () => {
        if (listener === next) listener = undefined
      }
    },
    close: () => {
      closed = true
      for (const queue of queues.values()) queue.cancel?.()
      queues.clear()
    },
  }
}
