import { sql } from 'kysely'
import type { Clock } from '../../kernel/clock.ts'
import type { Ids } from '../../kernel/ids.ts'
import { findByBarcode, titlesOf } from '../catalogue/record.ts'
import { itemSequence, recordHappened } from '../ils-queue/happened.ts'
import type { Libraries } from '../libraries.ts'
import type { RawEvidence } from '../orders/evidence.ts'
import { withImplied } from '../orders/implied.ts'
import type { Told } from '../orders/ingest.ts'
import type { Line } from '../orders/order.ts'
import type { OurLine, OurReader, Ours, Place } from '../sip2-server/ports.ts'
import { claimsOfBarcode } from '../store/claims.ts'
import type { Db, Store } from '../store/db.ts'
import { attemptSucceeded, countAttempt, hasFailed, isLocked, perAccount } from '../store/limits.ts'
import { orderById } from '../store/orders.ts'
import { type Patron, patronByCard, patronById } from '../store/patrons.ts'
import type { Personal } from '../store/personal.ts'

export interface Sip2OursParts {
  readonly store: Store
  readonly clock: Pick<Clock, 'now'>
  readonly ids: Ids
  readonly personal: Personal
  readonly libraries: Libraries
  /** Throws where evidence cannot be read. */
  readonly ingest: (evidence: readonly RawEvidence[]) => Promise<readonly Told[]>
  /** Something has been put into the outbox. */
  readonly wake: () => void
}

/** The same tries count on every page and at every machine. */
const pinRule = perAccount('reader-login-account')

/** Acts of a line that the library system has not answered. */
const ilsActs = (line: Line): boolean => line.pending.some(kind => kind.startsWith('ils.'))

/** What the gateway knows of readers and items, and how machines bear witness, as the server sees it. */
export const bindSip2Ours = (parts: Sip2OursParts): Ours => {
  const { store, clock, personal, libraries } = parts
  const placeOf = (branchId: string): Place => {
    const { libraryId, name, locations } = libraries.branch(branchId)
    return { branchId, libraryId, name, code: locations[0] ?? branchId }
  }
  const readerOf = async (patron: Patron | undefined): Promise<OurReader | undefined> =>
    patron && {
      patronId: patron.id,
      frozenUntil: patron.frozenUntil,
      lines: await linesOf(store.db, patron),
      card: patron.card,
      name: patron.name,
    }
  const pinOf = (libraryId: string, card: string): string =>
    personal.lookup('attempt', `${libraryId} ${card}`)

  return {
    reader: async (libraryId, card) => readerOf(await patronByCard(store.db, libraryId, card, personal)),
    readerById: async (libraryId, patronId) =>
      readerOf(await patronById(store.db, libraryId, patronId, personal)),
    line: (libraryId, barcode) => lineWith(store.db, libraryId, barcode),
    recordOf: async (libraryId, barcode) => (await findByBarcode(store.db, barcode, libraryId))[0]?.workId,
    otherOwner: async (libraryId, barcode) => {
      const copies = await findByBarcode(store.db, barcode)
      return copies.some(copy => copy.libraryId === libraryId) ? undefined : copies[0]?.libraryId
    },
    titles: async (libraryId, barcodes) => {
      const found = await titlesOf(
        store.db,
        barcodes.map(barcode => [libraryId, barcode] as [string, string]),
      )
      return new Map(
        barcodes.flatMap(barcode => {
          const title = found.get(`${libraryId}/${barcode}`)?.title
          return title === undefined ? [] : [[barcode, title]]
        }),
      )
    },
    tell: async (account, on, fact, at) => {
      const order = await orderById(store.db, on.libraryId, on.orderId)
      const line = order?.lines.find(one => one.id === on.lineId)
      if (!order || !line) return false
      const now = clock.now()
      const { policy } = libraries.get(order.libraryId)
      const occurrence = parts.ids.next()
      const told = await parts.ingest(
        withImplied(line, order, fact, policy).map(({ what, data }) => ({
          id: `kiosk:${occurrence}:${what}`,
          libraryId: order.libraryId,
          orderId: order.id,
          lineId: line.id,
          source: 'kiosk',
          what,
          at: Math.min(at, now),
          receivedAt: now,
          data: { ...data, round: line.round, actor: `kiosk:${account.id}` },
        })),
      )
      const last = told.at(-1)
      return last?.is === 'moved' || last?.is === 'waiting'
    },
    happened: async (account, what) => {
      await store.tx(tx => recordHappened(tx, { ...what, source: `kiosk:${account.id}` }, parts))
      parts.wake()
    },
    waits: async (libraryId, barcode) => {
      const row = await store.db
        .selectFrom('outbox')
        .select('id')
        .where('sequence', '=', itemSequence(libraryId, barcode))
        .where('state', '=', 'ready')
        .limit(1)
        .executeTakeFirst()
      return row !== undefined
    },
    pins: {
      locked: (libraryId, card) => isLocked(store.db, pinRule, pinOf(libraryId, card), clock.now()),
      wrong: async (libraryId, card) => {
        await countAttempt(store, pinRule, pinOf(libraryId, card), clock.now())
      },
      right: async (libraryId, card) => {
        // Nearly always there is nothing to forgive, and nothing to write.
        const subject = pinOf(libraryId, card)
        if (await hasFailed(store.db, pinRule, subject))
          await attemptSucceeded(store, pinRule, subject, clock.now())
      },
    },
    place: placeOf,
    placeOf: (libraryId, code) => {
      const branch = libraries.branchOfLocation(libraryId, code)
      if (branch) return placeOf(branch.id)
      const named = libraries
        .all()
        .flatMap(library => library.branches)
        .find(one => one.id === code)
      return named && placeOf(named.id)
    },
    libraryName: libraryId => libraries.get(libraryId).name,
    zone: libraryId => libraries.get(libraryId).zone,
  }
}

interface LineRow {
  readonly body: string
  readonly patron_id: string
  readonly delivery: string
}

const lines = (db: Db) =>
  db
    .selectFrom('order_line')
    .innerJoin('lending_order', join =>
      join
        .onRef('lending_order.library_id', '=', 'order_line.library_id')
        .onRef('lending_order.id', '=', 'order_line.order_id'),
    )
    .select(['order_line.body', 'order_line.patron_id', 'lending_order.delivery'])

const read = ({ body, patron_id: patronId, delivery }: LineRow): OurLine => {
  const line = JSON.parse(body) as Line
  return {
    libraryId: line.libraryId,
    orderId: line.orderId,
    lineId: line.id,
    patronId,
    supplierId: line.supplierId,
    barcode: line.barcode,
    title: line.title,
    recordId: line.recordId,
    status: line.status,
    delivery: JSON.parse(delivery) as OurLine['delivery'],
    branchId: line.branchId,
    deskId: line.deskId,
    lockerId: line.lockerId,
    collectUntil: line.collectUntil,
    dueAt: line.dueAt,
    charged: line.charged,
    held: line.held,
    unsettled: line.chargeOwed || ilsActs(line),
    routing: line.routing?.type ?? null,
    foundAt: line.times?.found ?? null,
  }
}

/** Open lines of a reader. */
const linesOf = async (db: Db, { libraryId, id }: Patron): Promise<readonly OurLine[]> =>
  (
    await lines(db)
      .where('order_line.library_id', '=', libraryId)
      .where('order_line.patron_id', '=', id)
      .where('order_line.status', '<>', 'closed')
      .orderBy('order_line.id')
      .limit(500)
      .execute()
  ).map(read)

/** Written out, since SQLite finds partial indexes by literals only. */
const discharged = sql.lit('discharged' as const)

/** By its claim; a book that was discharged and must go on has none any more, but its line is open. */
const lineWith = async (db: Db, libraryId: string, barcode: string): Promise<OurLine | undefined> => {
  const claims = (await claimsOfBarcode(db, barcode)).filter(one => one.why === 'line')
  const own = claims.find(one => one.supplierId === libraryId)
  // Barcodes are each library's own: where this one has the same, the book is its own, lent by us or not.
  const mayBeForeign = !own && (await findByBarcode(db, barcode, libraryId)).length === 0
  const claim = own ?? (mayBeForeign && claims.length === 1 ? claims[0] : undefined)
  if (claim) {
    const row = await lines(db)
      .where('order_line.library_id', '=', claim.libraryId)
      .where('order_line.id', '=', claim.lineId)
      .executeTakeFirst()
    return row && read(row)
  }
  const sentOn = lines(db)
    .where('order_line.barcode', '=', barcode)
    .where('order_line.status', '=', discharged)
    .orderBy('order_line.id', 'desc')
  const row = await (mayBeForeign
    ? sentOn
    : sentOn.where('order_line.supplier_id', '=', libraryId)
  ).executeTakeFirst()
  return row && read(row)
}
