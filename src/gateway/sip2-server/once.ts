import type { Clock, Millis } from '../../kernel/clock.ts'
import type { Ids } from '../../kernel/ids.ts'
import type { BackAct } from './back.ts'

/** What became of an act: `unsure` when nobody can tell whether it was done. */
export interface Outcome<T> {
  readonly value: T
  readonly unsure: boolean
}

interface Entry<T> {
  readonly key: string
  readonly about: string | undefined
  promise: Promise<Outcome<T>>
  done: Outcome<T> | undefined
  at: Millis
}

/** An answer that was never taken in is given again so long; a doubt is asked about so long. */
const keptAnswer: Millis = 5 * 60_000
const keptDoubt: Millis = 60 * 60_000
const most = 5000

/**
 * Acts of machines that are under way, or whose answer may not have reached them. A machine that asks again, on
 * whatever connection, joins the act that is under way, or is given its answer; an act in doubt is tried again
 * under the same key and asked about first.
 */
export const createOnce = <T>(clock: Pick<Clock, 'now'>, ids: Pick<Ids, 'next'>) => {
  const entries = new Map<string, Entry<T>>()

  const forget = (): void => {
    const now = clock.now()
    for (const [what, { done, at }] of entries)
      if (done && (now - at > (done.unsure ? keptDoubt : keptAnswer) || entries.size > most))
        entries.delete(what)
  }

  /** What is done to the same thing now makes older answers about it untrue. */
  const outdate = (what: string, about: string): void => {
    for (const [other, entry] of entries)
      if (entry.about === about && other !== what && entry.done && !entry.done.unsure) entries.delete(other)
  }

  return {
    /** `about`: what it is done to, so that an answer is not given again after something else was done to that. */
    take: (what: string, run: (act: BackAct) => Promise<Outcome<T>>, about?: string): Promise<Outcome<T>> => {
      if (about !== undefined) outdate(what, about)
      const known = entries.get(what)
      const now = clock.now()
      if (known && !known.done) return known.promise
      const valid = known?.done && now - known.at <= (known.done.unsure ? keptDoubt : keptAnswer)
      if (valid && !known.done!.unsure) return known.promise
      if (entries.size >= most) forget()
      const act = valid ? { key: known.key, repeated: true } : { key: ids.next(), repeated: false }
      const entry: Entry<T> = { key: act.key, about, promise: run(act), done: undefined, at: now }
      entry.promise = entry.promise.then(
        outcome => {
          entry.done = outcome
          entry.at = clock.now()
          return outcome
        },
        thrown => {
          if (entries.get(what) === entry) entries.delete(what)
          throw thrown
        },
      )
      entries.set(what, entry)
      return entry.promise
    },
    /** The answer has been handed over: whoever asks again asks for a new act. */
    delivered: (what: string): void => {
      const entry = entries.get(what)
      if (entry?.done && !entry.done.unsure) entries.delete(what)
    },
    size: () => entries.size,
  }
}

export type Once<T> = ReturnType<typeof createOnce<T>>
