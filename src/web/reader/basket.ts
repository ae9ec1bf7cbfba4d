import { useSyncExternalStore } from 'react'
import type { BibBriefJson } from '../../gateway/http/api/open.ts'
import { recall, remember } from '../base/settings.ts'

/** A book somebody means to borrow; lives on the device until it is ordered. */
export interface Wanted {
  readonly id: string
  readonly title: string
  readonly author?: string
  readonly clc?: string
}

/** The server takes at most 20 in one order. */
export const mostInBasket = 20

const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined)

const readOne = (value: unknown): Wanted[] => {
  if (typeof value !== 'object' || value === null) return []
  const { id, title, author, clc } = value as Record<string, unknown>
  if (typeof id !== 'string' || typeof title !== 'string') return []
  return [
    { id, title, ...(text(author) && { author: text(author)! }), ...(text(clc) && { clc: text(clc)! }) },
  ]
}

const read = (): readonly Wanted[] => {
  try {
    const kept: unknown = JSON.parse(recall('basket') ?? '[]')
    return Array.isArray(kept) ? kept.flatMap(readOne).slice(0, mostInBasket) : []
  } catch {
    return []
  }
}

let basket = read()
const watchers = new Set<() => void>()

const change = (next: readonly Wanted[]): void => {
  basket = next
  remember('basket', JSON.stringify(next))
  for (const watcher of watchers) watcher()
}

/** Another tab, or the guide, may have changed it. */
addEventListener('storage', event => {
  if (event.key !== 'shuqiao.basket') return
  basket = read()
  for (const watcher of watchers) watcher()
})

export const putIn = (book: BibBriefJson): void => {
  if (basket.length >= mostInBasket || basket.some(wanted => wanted.id === book.id)) return
  const { id, title, author, clc } = book
  change([...basket, { id, title, ...(author && { author }), ...(clc && { clc }) }])
}

export const takeOut = (id: string): void => change(basket.filter(wanted => wanted.id !== id))
export const emptyBasket = (): void => change([])

const watch = (act: () => void) => {
  watchers.add(act)
  return () => {
    watchers.delete(act)
  }
}

export const useBasket = (): readonly Wanted[] => useSyncExternalStore(watch, () => basket)
