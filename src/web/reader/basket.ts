import type { BibBriefJson } from '../../gateway/http/api/open.ts'
import { recall, remember, useRecalled } from '../base/settings.ts'

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

/** Parsed once for each text, so that the same basket is the same object. */
let known: { readonly text: string | null; readonly basket: readonly Wanted[] } = { text: '', basket: [] }

const basketNow = (): readonly Wanted[] => {
  const text = recall('basket')
  if (text !== known.text) known = { text, basket: read() }
  return known.basket
}

const change = (next: readonly Wanted[]): void => remember('basket', JSON.stringify(next))

export const putIn = (book: BibBriefJson): void => {
  const basket = basketNow()
  if (basket.length >= mostInBasket || basket.some(wanted => wanted.id === book.id)) return
  const { id, title, author, clc } = book
  change([...basket, { id, title, ...(author && { author }), ...(clc && { clc }) }])
}

export const takeOut = (id: string): void => change(basketNow().filter(wanted => wanted.id !== id))
export const emptyBasket = (): void => change([])

export const useBasket = (): readonly Wanted[] => {
  useRecalled('basket')
  return basketNow()
}
