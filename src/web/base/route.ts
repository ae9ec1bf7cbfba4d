import { useEffect, useRef, useSyncExternalStore } from 'react'

/**
 * Routes live behind the hash: a web-view that reloads, shares or signs an address keeps working, and the
 * server needs to know one address per page only.
 */
export interface Route {
  /** `#/book/12?from=home` -> ['book', '12'] */
  readonly path: readonly string[]
  readonly query: URLSearchParams
  readonly hash: string
  /** Came by a link or an act, not by "back". */
  readonly forward: boolean
}

const parse = (hash: string, forward: boolean): Route => {
  const [path = '', query = ''] = hash.replace(/^#\/?/, '').split('?')
  return {
    path: path.split('/').filter(Boolean).map(decodeURIComponent),
    query: new URLSearchParams(query),
    hash,
    forward,
  }
}

let current: Route = parse(location.hash, false)
const watchers = new Set<() => void>()
/** How far each address was scrolled when it was left. */
const places = new Map<string, number>()
let forward = false

addEventListener('click', event => {
  if (event.target instanceof Element && event.target.closest('a[href^="#/"]')) forward = true
})

addEventListener('hashchange', () => {
  places.set(current.hash, scrollY)
  current = parse(location.hash, forward)
  forward = false
  for (const watcher of watchers) watcher()
})

export const go = (to: string): void => {
  forward = true
  location.hash = to
}

/** Goes where the form came from, leaving no form behind in the history. */
export const goInstead = (to: string): void => {
  history.replaceState(null, '', to)
  places.set(current.hash, scrollY)
  current = parse(to, true)
  for (const watcher of watchers) watcher()
}

const watch = (act: () => void) => {
  watchers.add(act)
  return () => {
    watchers.delete(act)
  }
}

export const useRoute = (): Route => useSyncExternalStore(watch, () => current)

/** After a step forward the page begins at its top; after "back" where the reader had been. */
export const useArrival = (route: Route): void => {
  const address = route.path.join('/')
  // biome-ignore lint/correctness/useExhaustiveDependencies: only a new address is an arrival
  useEffect(() => {
    scrollTo(0, route.forward ? 0 : (places.get(route.hash) ?? 0))
  }, [address])
}

/** The heading of a page takes the focus when one comes to it, so that a screen reader says where one is. */
export const useHeading = (): React.RefObject<HTMLHeadingElement | null> => {
  const heading = useRef<HTMLHeadingElement>(null)
  const route = useRoute()
  const address = route.path.join('/')
  // biome-ignore lint/correctness/useExhaustiveDependencies: only a new address is an arrival
  useEffect(() => {
    if (route.forward) heading.current?.focus({ preventScroll: true })
  }, [address])
  return heading
}

/** `to('search', {q: '三体'})` -> `#/search?q=%E4%B8%89%E4%BD%93`; empty values are left out. */
export const to = (path: string, query: Record<string, string | undefined> = {}): string => {
  const filled = Object.entries(query).filter((pair): pair is [string, string] => !!pair[1])
  return `#/${path}${filled.length > 0 ? `?${new URLSearchParams(filled)}` : ''}`
}
