import { createRoute, z } from '@hono/zod-openapi'
import { orThrow, type Problem, ProblemError, type Words } from '../../../kernel/problem.ts'
import { parcelOf, wantsWithinReach } from '../../bindings/lockers.ts'
import type { Lockers } from '../../lockers/lockers.ts'
import { locateLine } from '../../orders/acts.ts'
import type { Line, Order } from '../../orders/order.ts'
import type { OrderPorts } from '../../orders/ports.ts'
import type { Orders } from '../../orders/service.ts'
import { type StaffAction, staffActions } from '../../orders/staff-actions.ts'
import { rowsOf } from '../../orders/views/work.ts'
import { refusals as why } from '../../orders/words.ts'
import type { ManualWork } from '../../readers/manual-work.ts'
import { workLineById } from '../../store/work.ts'
import {
  lineAction,
  type ScanResultJson,
  scanInput,
  scanResult,
  today,
  type WorkRowJson,
  workList,
  workLists,
} from '../api/staff.ts'
import { awaitChange } from '../awaiting.ts'
import { actorOf, type Ctx, type Deps, type Routes, type Staff, staff } from '../deps.ts'
import { forbidden } from '../problem.ts'
import { body, json, refusals } from './shape.ts'
import { resultWords } from './staff-words.ts'

export interface StaffDeps extends Deps {
  readonly orders: Pick<Orders, 'today' | 'work' | 'scan' | 'staffAct'>
  readonly ports: Pick<OrderPorts, 'libraries' | 'readers'>
  readonly lockers: Pick<Lockers, 'deposit'>
  readonly manual: ManualWork
}

const board = createRoute({
  method: 'get',
  path: '/api/staff/today',
  tags: ['staff'],
  summary: 'The board of the day: what waits, what will be late, the flow by the hour',
  responses: { 200: json(today, 'the board'), ...refusals },
})
const work = createRoute({
  method: 'get',
  path: '/api/staff/work/{list}',
  tags: ['staff'],
  summary: 'A work list in walking order',
  request: { params: z.object({ list: z.enum(workLists) }) },
  responses: { 200: json(workList, 'the list'), ...refusals },
})
const scanned = createRoute({
  method: 'post',
  path: '/api/staff/scan',
  tags: ['staff'],
  summary: 'Scan a book, a parcel or a compartment: the right thing happens, or it says why not',
  request: body(scanInput),
  responses: { 200: json(scanResult, 'what came of it'), ...refusals },
})
const actions = [...staffActions, 'confirm'] as const
const lineAct = createRoute({
  method: 'post',
  path: '/api/staff/lines/{lineId}/{action}',
  tags: ['staff'],
  summary: 'A button of a work list',
  request: {
    params: z.object({ lineId: z.string().min(1).max(64), action: z.enum(actions) }),
    ...body(lineAction),
  },
  responses: { 200: json(scanResult, 'what came of it'), ...refusals },
})

/** What librarians do. They see and touch lines that their own library supplies, or that its readers asked for. */
export const staffRoutes =
  (deps: StaffDeps): Routes =>
  app => {
    const { orders, manual } = deps
    app.openapi(board, async c => c.json(await orders.today(askOf(c)), 200))
    app.openapi(work, async c => {
      const { list } = c.req.valid('param')
      const rows =
        list === 'manual' ? await manual.list(staff(c).libraryId) : await orders.work(list, askOf(c))
      return c.json({ list, rows: [...rows] }, 200)
    })
    app.openapi(scanned, async c => {
      const who = staff(c)
      const { branchId, ...scan } = c.req.valid('json')
      const at = { libraryId: who.libraryId, branchId: standsAt(deps, who, branchId) }
      return c.json(await orders.scan({ ...scan, ...at, actor: actorOf(who) }), 200)
    })
    app.openapi(lineAct, async c => {
      const who = staff(c)
      const { lineId, action } = c.req.valid('param')
      const input = c.req.valid('json')
      // Whose line it is comes first: of other libraries' lines nobody learns more than that there is none.
      const at = orThrow(await locateLine(deps, lineId, who.libraryId))
      const on = { lineId, libraryId: who.libraryId, actor: actorOf(who) }
      if (action === 'confirm') {
        orThrow(await manual.confirm(on, input))
        return c.json(await settled(deps, who, action, lineId), 200)
      }
      if (action === 'put-in-locker') return c.json(await putIn(deps, on, at, input.lockerId), 200)
      const answer = await orders.staffAct(on, action, {
        ...input,
        branchId: standsAt(deps, who, input.branchId),
      })
      if (!answer.ok) return c.json(await said(deps, lineId, refusal(answer.problem)), 200)
      if (answer.value.is === 'waiting')
        return c.json(await said(deps, lineId, { signal: 'look', say: why.early, next: null }), 200)
      return c.json(await settled(deps, who, action, lineId), 200)
    })
  }

const askOf = (c: Ctx) => {
  const { libraryId, branches } = staff(c)
  return { libraryId, branchIds: branches }
}

/** The branch where the person stands: as told, or the only one the person works at. */
const standsAt = (deps: StaffDeps, who: Staff, told: string | undefined): string | undefined => {
  if (told === undefined) return who.branches.length === 1 ? who.branches[0] : undefined
  if (deps.libraries.branch(told).libraryId !== who.libraryId) throw new ProblemError(forbidden)
  return told
}

type Said = Pick<ScanResultJson, 'signal' | 'say' | 'next'>

const refusal = ({ say }: Problem): Said => ({ signal: 'no', say, next: null })

const said = async (deps: StaffDeps, lineId: string, words: Said): Promise<ScanResultJson> => ({
  ...words,
  row: await rowNow(deps, lineId),
})

const rowNow = async ({ store, ports, clock }: StaffDeps, lineId: string): Promise<WorkRowJson | null> => {
  const line = await workLineById(store.db, lineId)
  const [row = null] = line ? await rowsOf({ db: store.db, ports, now: clock.now() }, [line]) : []
  return row
}

/** Says what came of an act when the library system has answered, or that it has not. */
const settled = async (
  deps: StaffDeps,
  who: Staff,
  action: StaffAction | 'confirm',
  lineId: string,
): Promise<ScanResultJson> => {
  const now = async (): Promise<{ order: Order; line: Line }> =>
    orThrow(await locateLine(deps, lineId, who.libraryId))
  const audience = { libraryId: who.libraryId, staff: true } as const
  await awaitChange(deps, audience, async () => (await now()).line.pending.length === 0)
  const { order, line } = await now()
  return said(deps, lineId, resultWords(action, line, order, deps.libraries))
}

/** Opens a compartment for the line's parcel, packed first if it is not; the closing door says that it is in. */
const putIn = async (
  deps: StaffDeps,
  on: { readonly lineId: string; readonly libraryId: string; readonly actor: string },
  { order, line }: { readonly order: Order; readonly line: Line },
  wanted: string | undefined,
): Promise<ScanResultJson> => {
  const lockerId = wanted ?? (order.delivery.way === 'locker' ? order.delivery.lockerId : undefined)
  if (lockerId === undefined) return said(deps, line.id, { signal: 'no', say: chooseLocker, next: null })
  deps.libraries.locker(lockerId)
  let { parcelNumber } = line
  if (parcelNumber === null) {
    const packed = await deps.orders.staffAct(on, 'pack', {})
    if (!packed.ok) return said(deps, line.id, refusal(packed.problem))
    parcelNumber = packed.value.line.parcelNumber
  }
  const contents = parcelNumber === null ? undefined : await parcelOf(deps.store.db, parcelNumber)
  if (!contents) return said(deps, line.id, { signal: 'no', say: why['not-now'], next: null })
  const accessible = await wantsWithinReach(deps.store.db, contents.libraryId, contents.orderId)
  const { signal, say } = await deps.lockers.deposit({ ...contents, accessible, lockerId, actor: on.actor })
  return said(deps, line.id, { signal: signals[signal], say, next: null })
}

const signals = { open: 'yes', done: 'yes', jammed: 'look', no: 'no' } as const
const chooseLocker: Words = { zh: '请先选择自助柜。', en: 'Please choose the locker first.' }
