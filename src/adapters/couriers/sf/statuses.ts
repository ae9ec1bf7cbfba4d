import type { SightingKind } from '../courier.ts'

/** opCode of a route node. What is not here is `unknown`: shown to staff, counted, moves nothing. */
export const statuses: Readonly<Record<string, SightingKind>> = {
  '50': 'picked-up',
  '54': 'picked-up',
  '30': 'in-transit',
  '31': 'in-transit',
  '36': 'in-transit',
  '105': 'in-transit',
  '106': 'in-transit',
  '123': 'in-transit',
  '130': 'in-transit',
  '310': 'in-transit',
  '407': 'in-transit',
  '605': 'in-transit',
  '607': 'in-transit',
  '3036': 'in-transit',
  '44': 'out-for-delivery',
  '204': 'out-for-delivery',
  // Left in a locker or a station: the reader does not have it yet.
  '125': 'out-for-delivery',
  '657': 'out-for-delivery',
  '33': 'problem',
  '70': 'problem',
  '80': 'signed',
  '8000': 'signed',
  '99': 'returning',
  '631': 'returning',
  '648': 'returning',
}

export const kindOf = (opCode: string): SightingKind => statuses[opCode] ?? 'unknown'
