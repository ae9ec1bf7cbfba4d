import type { Ils } from '../../adapters/ils/ils.ts'
import type { Clock, Millis } from '../../kernel/clock.ts'
import type { Ids } from '../../kernel/ids.ts'
import { type Answer, no, refused, yes } from '../../kernel/problem.ts'
import type { ConflictJson, LinksJson, QueuedActJson, RefusalJson } from '../http/api/links.ts'
import type { Libraries } from '../libraries.ts'
import type { Line } from '../orders/order.ts'
import type { Readers } from '../orders/ports.ts'
import { unrecorded } from '../orders/words.ts'
import type { ServerStats } from '../sip2-server/stats.ts'
import { audit } from '../store/audit.ts'
import type { Store } from '../store/db.ts'
import {
  backlog,
  forgetManualTask,
  happenedAct,
  orderNumbers,
  putAway,
  type QueuedAct,
  refusedActs,
  waitingActs,
} from '../store/ils-queue.ts'
import { revive } from '../store/outbox.ts'
import type { Personal } from '../store/personal.ts'
import { type WorkLine, workLines } from '../store/work.ts'
import { type HappenedPayload, recordHappened } from './happened.ts'
import type { Links, Refusal } from './links.ts'
import { kioskOf, systemOf, type Time } from './picture.ts'
import { actWords, holderWords, orderWords, question, sourceWords, statusWords, todoWords } from './say.ts'
import type { Conflict } from './words.ts'

export interface IlsDeskDeps {
  readonly store: Store
  readonly clock: Pick<Clock, 'now'>
  readonly ids: Ids
  readonly personal: Personal
  readonly libraries: Libraries
  readonly readers: Pick<Readers, 'maskedNames'>
  readonly ils: (libraryId: string) => Ils
  readonly links: Pick<Links, 'numbers'>
  readonly kioskStats: () => ServerStats | undefined
  /** There is something new for the worker to do. */
  readonly wake: () => void
  /** What the page shows has changed. */
  readonly changed: (libraryId: string) => void
}

export type SettleAct = 'retry' | 'settled' | 'drop'

/** What staff see of the library systems and kiosks, and do about what waits and what was refused. */
export interface IlsDesk {
  links(libraryId: string): Promise<LinksJson>
  queue(
    libraryId: string,
    page: { readonly cursor?: string | undefined; readonly limit: number },
  ): Promise<{ items: QueuedActJson[]; next: string | null }>
  /** `refused/not-waiting` when it is settled or being told just now; `refused/reason-needed`. */
  settle(
    on: { readonly libraryId: string; readonly id: string; readonly actor: string },
    act: SettleAct,
    reason: string,
  ): Promise<Answer<void>>
  /** A loan or return at the desk while the library system is away. `refused/card-needed`. */
  happened(
    libraryId: string,
    input: { readonly act: 'checkout' | 'checkin'; readonly barcode: string; readonly card: string },
    actor: string,
  ): Promise<Answer<void>>
}

const most = 200

export const createIlsDesk = (deps: IlsDeskDeps): IlsDesk => {
  const { store, clock, libraries, personal } = deps
  return {
    links: async libraryId => {
      const time = (at: Millis): string => libraries.time(libraryId, at)
      const waits = await backlog(store.db)
      const systems = libraries
        .all()
        .map(({ id }) => systemOf(deps, id, libraryId, waits, time))
        .toSorted((a, b) => Number(b.own) - Number(a.own))
      const accounts = (deps.kioskStats()?.accounts ?? []).filter(one => one.libraryId === libraryId)
      return {
        systems,
        kiosks: accounts.map(account => kioskOf(account, time)),
        conflicts: [
          ...(await refusedActs(store.db, libraryId, most, clock.now())).map(act =>
            conflictOf(act, personal, time),
          ),
          ...(await lineConflicts(deps, libraryId, time)),
        ],
        refusals: await refusalsOf(deps, libraryId, time),
      }
    },
    queue: async (libraryId, { cursor, limit }) => {
      const found = await waitingActs(store.db, libraryId, { after: cursor, limit: limit + 1 }, clock.now())
      const items = found
        .slice(0, limit)
        .map(act => queuedOf(act, clock.now(), at => libraries.time(libraryId, at)))
      return { items, next: found.length > limit ? (items.at(-1)?.id ?? null) : null }
    },
    settle: async ({ libraryId, id, actor }, act, reason) => {
      if (act !== 'retry' && reason.trim().length < 3) return no(reasonNeeded)
      const now = clock.now()
      const settled = await store.tx(async tx => {
        const row = await happenedAct(tx, libraryId, id, now)
        if (!row || row.underWay) return false
        const done =
          act === 'retry'
            ? await revive(tx, libraryId, id, now)
            : await putAway(tx, { libraryId, id, told: act === 'settled' }, now)
        if (!done) return false
        if (act !== 'retry') await forgetManualTask(tx, libraryId, row.key)
        const { barcode, source } = row.payload as HappenedPayload
        const data = { kind: row.kind, barcode, source, code: row.problem?.code ?? null }
        await audit(tx, {
          libraryId,
          at: now,
          actor,
          action: `ils-act-${words[act]}`,
          subject: id,
          reason,
          data,
        })
        return true
      })
      if (!settled) return no(notWaiting)
      deps.wake()
      deps.changed(libraryId)
      return yes(undefined)
    },
    happened: async (libraryId, { act, barcode, card }, actor) => {
      if (act === 'checkout' && card === '') return no(cardNeeded)
      const what = { libraryId, act, barcode, at: clock.now(), source: actor, ...(card ? { card } : {}) }
      await store.tx(tx => recordHappened(tx, what, deps))
      deps.wake()
      deps.changed(libraryId)
      return yes(undefined)
    },
  }
}

const words: Readonly<Record<SettleAct, string>> = {
  retry: 'retried',
  settled: 'settled-by-hand',
  drop: 'dropped',
}

const reasonNeeded = refused('reason-needed', {
  zh: '请写明原因（至少三个字）。',
  en: 'Please say why (at least three characters).',
})
const notWaiting = refused('not-waiting', {
  zh: '这件事已经办完，或正在办。',
  en: 'This is settled already, or just being told.',
})
const cardNeeded = refused('card-needed', {
  zh: '借出要有读者证号。',
  en: 'A loan needs the reader’s card number.',
})

const queuedOf = (act: QueuedAct, now: Millis, time: Time): QueuedActJson => {
  const payload = act.payload as Partial<HappenedPayload>
  const ours = act.kind.startsWith('ils.happened-')
  return {
    id: act.id,
    what: actWords(act.kind),
    barcode: payload.barcode ?? null,
    title: act.title,
    from: ours
      ? sourceWords(payload.source ?? '')
      : act.orderNumber === null
        ? sourceWords('')
        : orderWords(act.orderNumber),
    at: time(payload.when ?? act.createdAt),
    tries: act.attempts,
    underWay: act.underWay,
    say: act.problem?.say ?? null,
    nextTry: act.underWay || act.dueAt <= now ? null : time(act.dueAt),
    can: ours && !act.underWay ? ['settled', 'drop'] : [],
  }
}

const conflictOf = (act: QueuedAct, personal: Personal, time: Time): ConflictJson => {
  const payload = act.payload as HappenedPayload
  const { found, their, say } = (act.problem ?? {}) as Partial<Conflict>
  return {
    id: act.id,
    what: actWords(act.kind),
    barcode: payload.barcode,
    title: found?.title || null,
    reader: payload.card === null ? null : `***${personal.open(payload.card).slice(-4)}`,
    at: time(payload.when),
    where: sourceWords(payload.source),
    say: say ?? { zh: '', en: '' },
    their: their?.text ?? null,
    found: found
      ? {
          item: statusWords(found.status, found.known),
          holder: holderWords(found.holder),
          dueAt: found.dueAt === undefined ? null : time(found.dueAt),
        }
      : null,
    orderNumber: null,
    lineId: null,
    can: ['retry', 'settled', 'drop'],
  }
}

const inConflict: readonly string[] = [...unrecorded, 'checkin-refused']

const lineConflicts = async (
  { store, readers }: IlsDeskDeps,
  libraryId: string,
  time: Time,
): Promise<ConflictJson[]> => {
  const query = {
    libraryId,
    places: [],
    branchIds: [],
    statuses: [],
    troubles: true,
    own: false,
    limit: most,
  }
  const lines = (await workLines(store.db, query)).filter(({ line }) =>
    inConflict.includes(line.trouble?.code ?? ''),
  )
  const names = await readers.maskedNames(libraryId, [...new Set(lines.map(one => one.patronId))])
  return lines.map(one => lineConflict(one, names.get(one.patronId) ?? null, time))
}

const lineConflict = ({ line, orderNumber }: WorkLine, reader: string | null, time: Time): ConflictJson => ({
  id: line.id,
  what: actWords(line.trouble?.code === 'checkin-refused' ? 'ils.checkin' : 'ils.checkout'),
  barcode: line.barcode ?? '',
  title: line.title,
  reader,
  at: time(happenedAt(line)),
  where: orderWords(orderNumber),
  say: { zh: line.trouble?.zh ?? '', en: line.trouble?.en ?? '' },
  their: /（([^（）]+)）$/.exec(line.trouble?.zh ?? '')?.[1] ?? null,
  found: null,
  orderNumber,
  lineId: line.id,
  can: [line.trouble?.code === 'checkin-refused' ? 'retry-checkin' : 'retry-checkout', 'settled-by-hand'],
})

const happenedAt = ({ times, trouble, handedInAt, movedAt }: Line): Millis =>
  trouble?.code === 'checkin-refused' ? (handedInAt ?? movedAt) : (times.found ?? movedAt)

const refusalsOf = async (
  { store, links }: IlsDeskDeps,
  libraryId: string,
  time: Time,
): Promise<RefusalJson[]> => {
  const { refusals } = links.numbers(libraryId)
  const orders = refusals.flatMap(({ key }) => orderIn(key) ?? [])
  const numbers = await orderNumbers(store.db, [...new Set(orders)])
  return refusals.map(refusal => ({
    at: time(refusal.at),
    what: actWords(refusal.command),
    whose: whoseOf(refusal, numbers),
    barcode: refusal.barcode,
    say: refusal.problem.say,
    their: refusal.problem.their?.text ?? null,
    todo: todoWords(refusal.problem.code),
  }))
}

/** Keys of orders' acts begin with the order; those of what happened with that word. */
const orderIn = (key: string | null): string | undefined =>
  key === null || key.startsWith('happened/') || !key.includes('/ils.') ? undefined : key.split('/')[0]

const whoseOf = ({ key }: Refusal, numbers: ReadonlyMap<string, string>) => {
  if (key === null) return question
  if (key.startsWith('happened/')) return sourceWords(key.split('/').slice(5).join('/'))
  const number = numbers.get(orderIn(key) ?? '')
  return number === undefined ? sourceWords(key) : orderWords(number)
}
