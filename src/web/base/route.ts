import { useEffect, useSyncExternalStore } from 'react'

/**
 * Routes live behind the hash: a web-view that reloads, shares or signs an address keeps working, and the
 * server needs to know one address per page only.
 */
export interface Route {
  /** `#/book/12?from=home` -> ['book', '12'] */
  readonly path: readonly string[]
  readonly query: URLSearchParams
  readonly hash: string
}

const parse = (hash: string): Route => {
  const [path = '', query = ''] = hash.replace(/^#\/?/, '').split('?')
  return {
    path: path.split('/').filter(Boolean).map(decodeURIComponent),
    query: new URLSearchParams(query),
    hash,
  }
}

let current: Route = parse(location.hash)
const watchers = new Set<() => void>()
/** How far each address was scrolled when it was left. */
const places = new Map<string, number>()
let forward = false

addEventListener('click', event => {
  if (event.target instanceof Element && event.target.closest('a[href^="#/"]')) forward = true
})

addEventListener('hashchange', () => {
  places.set(current.hash, scrollY)
  current = parse(location.hash)
  for (const watcher of watchers) watcher()
})

export const go = (to: string): void => {
  forward = true
  location.hash = to
}

/** Goes where the form came from, leaving no form behind in the history. */
export const goInstead = (to: string): void => {
  forward = true
  history.replaceState(null, '', to)
  places.set(current.hash, scrollY)
  current = parse(to)
  for (const watcher of watchers) watcher()
}

const watch = (act: () => void) => {
  watchers.add(act)
  return () => {
    watchers.delete(act)
  }
}

export const useRoute = (): Route => useSyncExternalStore(watch, () => current)

/** After a step forward: top of the page, focus on its heading. After "back": where the reader had been. */
export const useArrival = (route: Route): void => {
  const address = route.path.join('/')
  // biome-ignore lint/correctness/useExhaustiveDependencies: only a new address is an arrival
  useEffect(() => {
    const cameForward = forward
    forward = false
    scrollTo(0, cameForward ? 0 : (places.get(route.hash) ?? 0))
    if (cameForward) document.querySelector<HTMLElement>('h1')?.focus({ preventScroll: true })
  }, [address])
}

/** `to('search', {q: '三体'})` -> `#/search?q=%E4%B8%89%E4%BD%93`; empty values are left out. */
export const to = (path: string, query: Record<string, string | undefined> = {}): string => {
  const filled = Object.entries(query).filter((pair): pair is [string, string] => !!pair[1])
  return `#/${path}${filled.length > 0 ? `?${new URLSearchParams(filled)}` : ''}`
}
