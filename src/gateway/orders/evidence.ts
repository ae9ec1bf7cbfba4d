import { z } from 'zod'
import type { Millis } from '../../kernel/clock.ts'
import { type Answer, garbled, no, yes } from '../../kernel/problem.ts'

/**
 * Who can bear witness. `ils` and `gateway` are the results of our own effects; `kiosk` is a machine of the library
 * that lends and takes back by itself: self-check, sorter, another maker's cabinet.
 */
export const sources = ['reader', 'staff', 'ils', 'courier', 'locker', 'kiosk', 'timer', 'gateway'] as const
export type Source = (typeof sources)[number]

const id = z.string().min(1).max(64)
const text = z.string().max(500)
const instant = z.number().int()
const parcel = { parcelNumber: id.optional() }
const door = { lockerId: id, compartmentId: id }
const loaded = { ...door, ...parcel }
/** The library system has discharged it already, and said where it goes. */
const checkedIn = z
  .strictObject({
    alert: z.boolean(),
    alertType: id.optional(),
    destination: z.string().max(80).optional(),
  })
  .optional()
const returnWay = z.discriminatedUnion('way', [
  z.object({ way: z.literal('courier'), courier: id, addressId: id }),
  z.object({ way: z.literal('branch'), branchId: id }),
  z.object({ way: z.literal('locker'), lockerId: id }),
])

/** Every kind carries who said it and, where it is known, which round of the line it is about. */
const data = <T extends z.ZodRawShape>(shape: T) =>
  z.strictObject({
    ...shape,
    round: z.number().int().min(0).optional(),
    actor: z.string().max(80).optional(),
  })

/**
 * - `fact`: it happened out there; when the line is not there yet, it is kept and tried again later.
 * - `result`: what an effect of ours led to; it fits the line as it is or is of the past.
 * - `wish`: what somebody asks for, or says of the line as it is now; it is answered at once.
 */
type Nature = 'fact' | 'result' | 'wish'

const kind = <S extends z.ZodType>(nature: Nature, from: readonly Source[], schema: S) => ({
  nature,
  from,
  schema,
})

/** The words in which everything that happens to a line is told, with the shape of their data. */
export const vocabulary = {
  submitted: kind('result', ['reader', 'staff'], data({ checked: z.boolean() })),
  'patron-cleared': kind('result', ['ils'], data({})),
  'patron-refused': kind('result', ['ils'], data({ code: id, text: text.optional() })),
  'hold-placed': kind(
    'result',
    ['ils', 'staff'],
    data({ position: z.number().int().optional(), own: z.boolean() }),
  ),
  'hold-refused': kind('result', ['ils'], data({ code: id, text: text.optional() })),
  'hold-cancelled': kind('result', ['ils'], data({})),
  listed: kind('result', ['timer', 'staff', 'kiosk'], data({})),
  'item-found': kind('fact', ['staff', 'kiosk'], data({ barcode: id })),
  'item-not-found': kind('wish', ['staff'], data({ reason: z.string().max(200) })),
  'copy-assigned': kind(
    'result',
    ['gateway'],
    data({
      supplierId: id,
      branchId: id,
      barcode: id,
      callNumber: z.string().max(200).optional(),
      location: z.string().max(200).optional(),
    }),
  ),
  'no-copy-left': kind('result', ['gateway', 'staff'], data({})),
  'checked-out': kind(
    'result',
    ['ils', 'staff'],
    data({ dueAt: instant.optional(), dueText: z.string().max(80), foundDone: z.boolean().optional() }),
  ),
  'checkout-refused': kind(
    'result',
    ['ils'],
    data({ code: id, text: text.optional(), why: z.enum(['patron', 'item', 'other']) }),
  ),
  'checkout-deferred': kind('result', ['ils'], data({})),
  'checkout-retried': kind('wish', ['staff'], data({})),
  'effect-dropped': kind('result', ['gateway'], data({ effect: id })),
  'effect-failed': kind(
    'result',
    ['gateway'],
    data({ effect: id, code: id, zh: text, en: text, text: text.optional() }),
  ),
  'trouble-settled': kind('wish', ['staff'], data({ byHand: z.boolean() })),
  packed: kind('fact', ['staff', 'kiosk'], data({ parcelNumber: id })),
  'courier-booked': kind('result', ['gateway', 'courier'], data({ parcelNumber: id, waybill: id })),
  shipped: kind(
    'fact',
    ['staff', 'courier'],
    data({ ...parcel, via: z.enum(['courier', 'van']), waybill: id.optional() }),
  ),
  'compartment-reserved': kind('result', ['gateway', 'locker'], data(door)),
  'no-compartment': kind('result', ['gateway', 'locker'], data({ lockerId: id })),
  /** The cabinet cannot be reached, or is being serviced: what was on its way there goes to this desk. */
  'locker-offline': kind('result', ['gateway', 'locker'], data({ lockerId: id, deskId: id.optional() })),
  /** The vendor of the cabinet keeps no place for the parcel: it goes to this desk. */
  'place-refused': kind('result', ['locker'], data({ lockerId: id, deskId: id.optional() })),
  'locker-online': kind('result', ['locker'], data({})),
  /** The door that had jammed before an item works again, and the item is still behind it. */
  'door-works': kind('result', ['locker'], data({})),
  'put-in-locker': kind('fact', ['locker', 'staff'], data(loaded)),
  'door-jammed': kind('fact', ['locker'], data(loaded)),
  'at-branch': kind('fact', ['staff', 'kiosk'], data({ ...parcel, branchId: id })),
  reminded: kind('result', ['timer'], data({})),
  'pickup-expired': kind('result', ['timer'], data({})),
  recovered: kind('fact', ['staff', 'locker', 'kiosk'], data({ checkedIn })),
  delivered: kind('fact', ['courier', 'staff'], data(parcel)),
  collected: kind(
    'fact',
    ['locker', 'staff', 'kiosk'],
    data({
      ...parcel,
      lockerId: id.optional(),
      branchId: id.optional(),
      /** The machine that handed it out has charged it in the library system. */
      charged: z.strictObject({ dueAt: instant.optional() }).optional(),
    }),
  ),
  'carrier-lost': kind('fact', ['courier', 'staff'], data(parcel)),
  'sent-back': kind('fact', ['courier', 'staff'], data({ ...parcel, fault: z.enum(['carrier', 'reader']) })),
  'refused-damaged': kind('fact', ['courier', 'staff'], data(parcel)),
  'wrong-item': kind('wish', ['staff'], data({})),
  'renew-requested': kind('wish', ['reader', 'staff'], data({})),
  renewed: kind(
    'result',
    ['ils', 'staff', 'kiosk'],
    data({ dueAt: instant.optional(), dueText: z.string().max(80) }),
  ),
  'renewal-refused': kind('result', ['ils'], data({ code: id, text: text.optional() })),
  'return-requested': kind('wish', ['reader', 'staff'], data({ way: returnWay })),
  'return-request-cancelled': kind('wish', ['reader', 'staff'], data({})),
  'return-picked-up': kind('fact', ['courier', 'staff'], data(parcel)),
  'returned-in-locker': kind('fact', ['locker'], data(door)),
  'returned-at-branch': kind('fact', ['staff', 'kiosk'], data({ branchId: id })),
  received: kind(
    'fact',
    ['staff', 'kiosk'],
    data({ branchId: id, damaged: z.boolean().optional(), note: text.optional(), checkedIn }),
  ),
  'checked-in': kind(
    'result',
    ['ils', 'staff'],
    data({
      alert: z.boolean(),
      alertType: id.optional(),
      destination: z.string().max(80).optional(),
      foundDone: z.boolean().optional(),
    }),
  ),
  'checkin-refused': kind('result', ['ils'], data({ code: id, text: text.optional() })),
  'checkin-retried': kind('wish', ['staff'], data({})),
  routed: kind('wish', ['staff', 'kiosk'], data({})),
  'cancel-requested': kind(
    'wish',
    ['reader', 'staff', 'timer', 'kiosk'],
    data({ by: z.enum(['reader', 'staff', 'timeout']), reason: z.string().max(200).optional() }),
  ),
  'transfer-requested': kind('wish', ['reader', 'staff'], data({ toPatronId: id })),
  'transfer-refused': kind('result', ['ils'], data({ code: id, text: text.optional() })),
  'reported-lost': kind('wish', ['staff', 'reader'], data({})),
  'claimed-returned': kind('wish', ['staff'], data({})),
  'lost-paid': kind('wish', ['staff'], data({})),
  'found-again': kind('wish', ['staff'], data({ where: z.enum(['reader', 'library']) })),
  'recheck-due': kind('result', ['timer'], data({})),
  'seen-returned': kind('result', ['ils'], data({})),
  'seen-lent': kind('result', ['ils'], data({ dueAt: instant.optional() })),
} as const satisfies Record<string, { nature: Nature; from: readonly Source[]; schema: z.ZodType }>

export type What = keyof typeof vocabulary
export const whats = Object.keys(vocabulary) as readonly What[]
export type DataOf<W extends What> = z.infer<(typeof vocabulary)[W]['schema']>

interface Witness {
  /** Unique for ever; the same occurrence told twice has the same id. */
  readonly id: string
  readonly libraryId: string
  readonly orderId: string
  readonly lineId: string
  readonly source: Source
  /** When it happened. */
  readonly at: Millis
  /** When we learned of it. */
  readonly receivedAt: Millis
}

export type EvidenceOf<W extends What> = Witness &
  {
    readonly [K in W]: { readonly what: K; readonly data: DataOf<K> }
  }[W]

/** One thing that happened to one line, and who says so. Nothing else moves a line. */
export type Evidence = EvidenceOf<What>

/** Evidence as it comes over a border, before its word and data are known to be sound. */
export interface RawEvidence extends Witness {
  readonly what: string
  readonly data: unknown
}

export const isWhat = (word: string): word is What => Object.hasOwn(vocabulary, word)

/** Checks word, source and data; `garbled/bad-evidence` names what is wrong. */
export const readEvidence = (raw: RawEvidence): Answer<Evidence> => {
  if (!isWhat(raw.what)) return no(bad(`unknown word ${raw.what.slice(0, 40)}`))
  const word = vocabulary[raw.what]
  if (!(word.from as readonly Source[]).includes(raw.source))
    return no(bad(`${raw.source} cannot say ${raw.what}`))
  const parsed = word.schema.safeParse(raw.data)
  if (!parsed.success) return no(bad(z.prettifyError(parsed.error)))
  return yes({ ...raw, data: parsed.data } as Evidence)
}

const bad = (text: string) =>
  garbled(
    'bad-evidence',
    { zh: '收到的消息无法识别，已记录。', en: 'A message could not be read; it was recorded.' },
    { their: { text } },
  )

/** The result of an effect: one, whatever the number of tries. */
export const effectEvidenceId = (effectKey: string, part = ''): string =>
  `effect:${effectKey}${part === '' ? '' : `:${part}`}`

/** What a timer of a line says; `moves` is the count of its moves when the timer was set. */
export const timerEvidenceId = (lineId: string, what: string, moves: number): string =>
  `timer:${lineId}:${what}:${moves}`

/** A carrier's sighting, told to each line of the parcel. */
export const sightingEvidenceId = (
  courier: string,
  sightingId: string,
  lineId: string,
  what: string,
): string => `courier:${courier}:${sightingId}:${lineId}:${what}`
