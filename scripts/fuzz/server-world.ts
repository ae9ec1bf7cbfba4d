import type { Ils, RelayMessage, Relays } from '../../src/adapters/ils/ils.ts'
import { messages } from '../../src/adapters/ils/sip2/messages.ts'
import type { Account } from '../../src/gateway/sip2-server/accounts.ts'
import type { OurLine, Ours } from '../../src/gateway/sip2-server/ports.ts'
import { yes } from '../../src/kernel/problem.ts'

/** Something that was really done: what no damaged message may bring about. */
export interface Deed {
  readonly what: string
  readonly card?: string | undefined
  readonly barcode?: string | undefined
}

export interface FuzzWorld {
  readonly deeds: Deed[]
  readonly ours: Ours
  readonly ils: Ils
}

const words = { zh: '测试馆', en: 'Test Library' }
const place = { branchId: 'b', libraryId: 'l', name: words, code: 'GSQ' }

/** A gateway and a library system that say yes to everything and remember what they were asked to do. */
export const worldOf = (relays: boolean): FuzzWorld => {
  const deeds: Deed[] = []
  const line: OurLine = {
    libraryId: 'l',
    orderId: 'o',
    lineId: 'x',
    patronId: 'p',
    supplierId: 'l',
    barcode: 'OURS1',
    title: '園林東西',
    recordId: 'r',
    status: 'at_branch',
    delivery: { way: 'branch', branchId: 'b' },
    branchId: 'b',
    deskId: 'b',
    lockerId: null,
    collectUntil: null,
    dueAt: null,
    foundAt: null,
    charged: true,
    held: false,
    unsettled: false,
    routing: null,
  }
  const ours: Ours = {
    reader: async () => undefined,
    readerById: async () => undefined,
    line: async (_, barcode) => (barcode === 'OURS1' ? line : undefined),
    recordOf: async () => undefined,
    otherOwner: async () => undefined,
    titles: async (_, barcodes) => new Map(barcodes.map(barcode => [barcode, `书 ${barcode}`])),
    tell: async (_, { barcode }, fact) => {
      deeds.push({ what: `tell ${fact.what}`, barcode: barcode ?? undefined })
      return true
    },
    happened: async (_, { act, barcode, card }) => {
      deeds.push({ what: act, barcode, card })
    },
    waits: async () => false,
    pins: { locked: async () => false, wrong: async () => {}, right: async () => {} },
    place: () => place,
    placeOf: () => place,
    libraryName: () => words,
    zone: () => 'Asia/Shanghai',
  }
  return { deeds, ours, ils: ilsOf(deeds, relays) }
}

const patron = {
  card: 'R0001',
  name: '顾小满',
  valid: true,
  pinValid: true,
  blocks: [],
  counts: {},
  limits: {},
  owed: 0,
  items: [],
  itemsAre: 'barcode',
  messages: [],
} as const

const ilsOf = (deeds: Deed[], relays: boolean): Ils => {
  const receipt = (barcode: string) => ({
    barcode,
    title: '園林東西',
    dueText: '2026-12-22',
    wasRenewal: false,
    messages: [],
  })
  const ils: Ils = {
    name: 'ils:fuzz',
    patron: async () => yes(patron),
    item: async barcode => yes({ barcode, title: '園林東西', status: 'available', messages: [] }),
    checkout: async ({ card, barcode }) => {
      deeds.push({ what: 'checkout', card, barcode })
      return yes(receipt(barcode))
    },
    checkin: async ({ barcode }) => {
      deeds.push({ what: 'checkin', barcode })
      return yes({ barcode, permanentLocation: 'GSQ', alert: false, messages: [] })
    },
    renew: async ({ card, barcode }) => {
      deeds.push({ what: 'renew', card, barcode })
      return yes(receipt(barcode))
    },
    placeHold: async ({ card, barcode }) => {
      deeds.push({ what: 'hold', card, barcode })
      return yes({ available: false, messages: [] })
    },
    cancelHold: async ({ card, barcode }) => {
      deeds.push({ what: 'cancel-hold', card, barcode })
      return yes(undefined)
    },
    health: () => ({ state: 'up', since: 0, queue: 0 }),
    close: async () => {},
  }
  if (!relays) return ils
  const relaying: Relays = {
    relaying: { serves: () => true, lists: 'barcode', holds: 'waiting' },
    relay: async (message: RelayMessage) => {
      const get = (id: string): string | undefined => message.fields.find(([name]) => name === id)?.[1]
      if (!['23', '63', '17', '35'].includes(message.command))
        deeds.push({ what: `relay ${message.command}`, card: get('AA'), barcode: get('AB') })
      return yes(answerTo(message))
    },
  }
  return { ...ils, ...relaying }
}

/** Yes, in the form the command is answered in; what nobody knows comes back as it is. */
const answerTo = ({ command, fixed, fields }: RelayMessage): RelayMessage => {
  const type = messages.get(messages.get(command)?.answers[0] ?? '')
  if (!type) return { command, fixed, fields }
  const pieces = type.fixed.map(({ name, kind, length }): [string, string] => {
    if (kind === 'date') return [name, '20261122    093000']
    return [
      name,
      name === 'ok'
        ? '1'
        : length === 1
          ? 'Y'
          : name === 'patronStatus'
            ? ' '.repeat(length)
            : '0'.repeat(length),
    ]
  })
  return { command: type.command, fixed: Object.fromEntries(pieces), fields }
}

export const account: Account = {
  id: 'hall',
  user: 'hall',
  password: 'open sesame',
  addresses: [],
  libraryId: 'l',
  use: 'kiosk',
  branchId: 'b',
  institution: 'L',
  location: 'GSQ',
  speech: { encoding: 'utf-8', delimiter: '|', terminator: 'cr', errorDetection: 'auto' },
  language: '019',
  holdCount: 'waiting',
  lists: 'barcode',
  dueDates: 'theirs',
  offline: { checkouts: true, checkins: true, loanDays: 30 },
  bins: {},
  tellsHolder: false,
  connections: 10,
  passesUnknown: true,
  byHand: false,
}
