import { useCallback, useEffect, useSyncExternalStore } from 'react'
import { ApiProblem, get } from './api.ts'

/** What is known of one address of the API: kept while the page lives, so that going back is instant. */
interface Known<T> {
  readonly data?: T
  readonly problem?: ApiProblem
  readonly busy: boolean
}

interface Entry {
  known: Known<unknown>
  watchers: Set<() => void>
  stale: boolean
  asking: number
}

const entries = new Map<string, Entry>()
const nothing: Known<never> = { busy: false }

const entryOf = (path: string): Entry => {
  const found = entries.get(path)
  if (found) return found
  const made: Entry = { known: nothing, watchers: new Set(), stale: true, asking: 0 }
  entries.set(path, made)
  return made
}

const tell = (entry: Entry, known: Known<unknown>): void => {
  entry.known = known
  for (const watcher of entry.watchers) watcher()
}

/** Asks again; an answer that was overtaken by a later question is thrown away. */
const ask = async (path: string): Promise<void> => {
  const entry = entryOf(path)
  const turn = ++entry.asking
  entry.stale = false
  tell(entry, { ...entry.known, busy: true })
  try {
    const data = await get(path)
    if (turn === entry.asking) tell(entry, { data, busy: false })
  } catch (thrown) {
    if (!(thrown instanceof ApiProblem)) throw thrown
    const gone = thrown.signedOut ? {} : entry.known
    if (turn === entry.asking) tell(entry, { ...gone, problem: thrown, busy: false })
  }
}

/** Something changed: what is on screen is asked again, the rest when it is next looked at. */
export const refresh = (...prefixes: string[]): void => {
  for (const [path, entry] of entries) {
    if (!prefixes.some(prefix => path.startsWith(prefix))) continue
    entry.stale = true
    if (entry.watchers.size > 0) void ask(path)
  }
}

/** After log-in or log-out nothing of the other person may stay. */
export const forgetAll = (): void => {
  for (const entry of entries.values()) {
    entry.known = nothing
    entry.stale = true
  }
  refresh('/')
}

/** Puts an answer that another call already gave where the pages look for it. */
export const put = (path: string, data: unknown): void => {
  const entry = entryOf(path)
  entry.stale = false
  entry.asking++
  tell(entry, { data, busy: false })
}

export interface Data<T> extends Known<T> {
  readonly again: () => void
}

/** The answer of a GET, shared by all who ask for the same path; null asks nothing. */
export const useData = <T>(path: string | null): Data<T> => {
  const watch = useCallback(
    (act: () => void) => {
      if (path === null) return () => {}
      const entry = entryOf(path)
      entry.watchers.add(act)
      return () => {
        entry.watchers.delete(act)
      }
    },
    [path],
  )
  const known = useSyncExternalStore(watch, () => (path === null ? nothing : entryOf(path).known)) as Known<T>
  useEffect(() => {
    if (path !== null && entryOf(path).stale) void ask(path)
  }, [path])
  const again = useCallback(() => {
    if (path !== null) void ask(path)
  }, [path])
  return { ...known, again }
}
