import type { Millis } from '../../kernel/clock.ts'
import type { DataOf, Evidence, What } from './evidence.ts'
import { sameWay } from './guards.ts'
import type { Line, LineOutcome, LineStatus, Order, OutageWhy } from './order.ts'
import { returnParcelNumberOf } from './parcels.ts'
import { unrecorded } from './words.ts'

type Note<W extends What> = (line: Line, data: DataOf<W>, evidence: Evidence, order: Order) => Partial<Line>

const answered =
  (kind: string): ((line: Line) => Partial<Line>) =>
  line => ({ pending: line.pending.filter(k => k !== kind) })

/** A move within the loan's own steps: no hold is left once the item is charged. */
const charged = (line: Line, data: DataOf<'checked-out'>): Partial<Line> => ({
  ...answered('ils.checkout')(line),
  charged: true,
  chargeOwed: false,
  held: false,
  hadHold: line.hadHold || line.held,
  dueAt: data.dueAt ?? line.dueAt,
})

const chargedThere = (line: Line, { dueAt }: { readonly dueAt?: number | undefined }): Partial<Line> => ({
  charged: true,
  chargeOwed: false,
  held: false,
  hadHold: line.hadHold || line.held,
  dueAt: dueAt ?? line.dueAt,
})

const handedIn = (line: Line, _data: unknown, evidence: Evidence): Partial<Line> => ({
  handedInAt: line.handedInAt ?? evidence.at,
})

/** Discharged by the machine that took it in: nothing is left to be done in the ILS. */
const dischargedThere = (checkedIn: DataOf<'received'>['checkedIn']): Partial<Line> =>
  checkedIn === undefined
    ? {}
    : {
        charged: false,
        chargeOwed: false,
        routing: checkedIn.alert
          ? { type: checkedIn.alertType ?? 'other', destination: checkedIn.destination ?? null }
          : null,
      }

const cancelled = {
  reader: 'cancelled_by_reader',
  staff: 'cancelled_by_staff',
  timeout: 'cancelled_by_timeout',
}

/** Where staff who settled it by hand have undone in the ILS what we could not. */
const undoing: readonly LineStatus[] = ['cancelling', 'recovered', 'received']

/** What evidence says about the line itself, whatever move it leads to. Pure. */
const notes: { readonly [W in What]?: Note<W> } = {
  'patron-cleared': answered('ils.check-patron'),
  'patron-refused': answered('ils.check-patron'),
  'hold-placed': (line, data) => ({ ...answered('ils.place-hold')(line), held: !data.own }),
  'hold-refused': answered('ils.place-hold'),
  'hold-cancelled': line => ({ ...answered('ils.cancel-hold')(line), held: false, hadHold: false }),
  'effect-dropped': (line, data) => ({
    ...answered(data.effect)(line),
    ...(data.effect === 'ils.cancel-hold' ? { held: false } : {}),
    ...(data.effect === 'ils.checkin' ? { charged: false } : {}),
    ...(data.effect === 'ils.checkout' ? { chargeOwed: false } : {}),
  }),
  'item-found': (_line, data) => ({ barcode: data.barcode }),
  'no-copy-left': line => ({
    ending: line.mishap === 'lost_in_transit' ? 'lost_in_transit' : 'not_supplied',
  }),
  'lost-paid': line => ({
    ending: line.mishap === 'lost_in_transit' ? 'lost_in_transit' : 'lost',
    charged: false,
    chargeOwed: false,
  }),
  'trouble-settled': (line, data) => {
    if (!data.byHand) return {}
    if (undoing.includes(line.status)) return { pending: [], held: false, charged: false, chargeOwed: false }
    return unrecorded.includes(line.trouble?.code ?? '')
      ? { charged: true, chargeOwed: false, held: false, hadHold: line.hadHold || line.held }
      : {}
  },
  'item-not-found': (_line, _data, evidence) => ({ notFoundAt: evidence.at }),
  'checked-out': charged,
  'checkout-refused': line => ({
    ...answered('ils.checkout')(line),
    chargeOwed: false,
    ...(line.status === 'transferring' ? { transferTo: null } : {}),
  }),
  'checkout-deferred': () => ({ chargeOwed: true }),
  'checkout-retried': line => (line.status === 'checkout_refused' ? {} : { chargeOwed: true }),
  packed: (_line, data) => ({ parcelNumber: data.parcelNumber }),
  'compartment-reserved': (_line, data) => ({ lockerId: data.lockerId, compartmentId: data.compartmentId }),
  'locker-offline': (line, data, evidence) =>
    line.status === 'in_locker'
      ? outOfReach(line, 'away', evidence.at)
      : { lockerId: null, compartmentId: null, deskId: data.deskId ?? line.deskId },
  'place-refused': (line, data) => ({
    lockerId: null,
    compartmentId: null,
    deskId: data.deskId ?? line.deskId,
  }),
  'locker-online': line => withinReach(line, 'away'),
  'door-jammed': (line, _data, evidence) =>
    line.status === 'in_locker' ? outOfReach(line, 'jammed', evidence.at) : {},
  'door-works': line => ({
    ...withinReach(line, 'jammed'),
    trouble: line.trouble?.code === 'door-jammed' ? null : line.trouble,
  }),
  'put-in-locker': (_line, data) => ({ lockerId: data.lockerId, compartmentId: data.compartmentId }),
  'at-branch': (_line, data) => ({ lockerId: null, compartmentId: null, deskId: data.branchId }),
  'pickup-expired': () => ({ ending: 'uncollected' }),
  recovered: (_line, data) => ({
    lockerId: null,
    compartmentId: null,
    collectUntil: null,
    ...dischargedThere(data.checkedIn),
  }),
  collected: (line, data) => ({
    lockerId: null,
    compartmentId: null,
    deskId: null,
    collectUntil: null,
    ending: null,
    ...(data.charged === undefined ? {} : chargedThere(line, data.charged)),
  }),
  'carrier-lost': () => ({ mishap: 'lost_in_transit' }),
  'sent-back': (_line, data) =>
    data.fault === 'carrier' ? { mishap: 'sent_back' } : { ending: 'uncollected', mishap: 'sent_back' },
  'refused-damaged': () => ({ mishap: 'damaged_in_transit' }),
  'wrong-item': () => ({ mishap: 'wrong_item' }),
  renewed: (line, data) => ({
    ...answered('ils.renew')(line),
    dueAt: data.dueAt ?? line.dueAt,
    renewals: line.renewals + 1,
  }),
  'renewal-refused': answered('ils.renew'),
  'return-requested': (line, data, _evidence, order) =>
    sameWay(line.returnWay, data.way)
      ? {}
      : {
          returnWay: data.way,
          returnParcelNumber: data.way.way === 'courier' ? returnParcelNumberOf(order, line) : null,
        },
  'return-request-cancelled': () => ({ returnWay: null, returnParcelNumber: null }),
  'return-picked-up': handedIn,
  'returned-in-locker': (line, data, evidence) => ({
    ...handedIn(line, data, evidence),
    lockerId: data.lockerId,
    compartmentId: data.compartmentId,
  }),
  'returned-at-branch': (line, data, evidence) => ({
    ...handedIn(line, data, evidence),
    deskId: data.branchId,
  }),
  received: (line, data, evidence) => ({
    ...handedIn(line, data, evidence),
    lockerId: null,
    compartmentId: null,
    deskId: data.branchId,
    ...dischargedThere(data.checkedIn),
  }),
  'claimed-returned': handedIn,
  'checked-in': (line, data) => ({
    ...answered('ils.checkin')(line),
    pending: line.pending.filter(k => k !== 'ils.checkin' && k !== 'ils.transfer'),
    charged: false,
    routing: data.alert ? { type: data.alertType ?? 'other', destination: data.destination ?? null } : null,
  }),
  'checkin-refused': answered('ils.checkin'),
  routed: () => ({ routing: null }),
  'cancel-requested': (_line, data) => ({ ending: cancelled[data.by] as LineOutcome }),
  'transfer-requested': (_line, data) => ({ transferTo: data.toPatronId }),
  'transfer-refused': line => ({ ...answered('ils.transfer')(line), transferTo: null }),
  'found-again': (_line, data) => (data.where === 'reader' ? { handedInAt: null, mishap: null } : {}),
  'seen-returned': handedIn,
  'seen-lent': (line, data) => ({ dueAt: data.dueAt ?? line.dueAt }),
}

/** The reader cannot get at it: for one cause or several, it is one outage from the first of them on. */
const outOfReach = ({ outage }: Line, why: OutageWhy, at: Millis): Partial<Line> => ({
  outage: outage
    ? { since: Math.min(outage.since, at), why: [...new Set([...outage.why, why])] }
    : { since: at, why: [why] },
})
const withinReach = ({ outage }: Line, why: OutageWhy): Partial<Line> => {
  const left = outage?.why.filter(one => one !== why) ?? []
  return { outage: outage && left.length > 0 ? { since: outage.since, why: left } : null }
}

/** The line with what the evidence says noted on it. */
export const note = (line: Line, evidence: Evidence, order: Order): Line => {
  const taken = notes[evidence.what] as Note<What> | undefined
  return taken ? { ...line, ...taken(line, evidence.data as DataOf<What>, evidence, order) } : line
}
