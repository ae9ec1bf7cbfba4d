import type { IlsHealth } from '../../../adapters/ils/ils.ts'
import type { Millis } from '../../../kernel/clock.ts'
import type { Words } from '../../../kernel/problem.ts'
import type { TodayJson, WorkRowJson } from '../../http/api/staff.ts'
import { passedSince } from '../../store/work.ts'
import type { OrderPorts } from '../ports.ts'
import { linesOn, rowsOf, type StaffAsk, type WorkDeps, type WorkListName } from './work.ts'

/** The board of the day: what waits, what is late or soon will be, the flow by the hour, and how the ILS is. */
export const todayView = async (
  deps: WorkDeps & { readonly ports: Pick<OrderPorts, 'libraries' | 'readers' | 'ils'> },
  ask: StaffAsk,
): Promise<TodayJson> => {
  const { ports } = deps
  const of = async (list: WorkListName): Promise<readonly WorkRowJson[]> =>
    rowsOf(deps, await linesOn(deps, list, ask))
  const find = await of('find')
  const counted = async (list: WorkListName): Promise<number> => (await linesOn(deps, list, ask)).length
  return {
    counts: {
      toFind: find.length,
      toFindLate: find.filter(row => row.risk === 'late').length,
      toPack: await counted('pack'),
      toSend: await counted('send'),
      toReceive: await counted('receive'),
      toRecover: await counted('recover'),
      exceptions: await counted('exceptions'),
    },
    flow: await flowOf(deps, ask),
    ils: [ilsOf(ask.libraryId, ports.ils(ask.libraryId).health(), ports.libraries.get(ask.libraryId).zone)],
    soonLate: find
      .filter(row => row.risk !== 'on-time' && (row.secondsLeft ?? 0) <= soon)
      .toSorted((a, b) => (a.secondsLeft ?? 0) - (b.secondsLeft ?? 0))
      .slice(0, 20),
  }
}

const ilsOf = (libraryId: string, health: IlsHealth, zone: string): TodayJson['ils'][number] => ({
  libraryId,
  state: health.state,
  say: health.say ?? opening(health, zone) ?? stateWords[health.state],
  queue: health.queue,
})

/** A planned closing, with its end by the clock on the wall. */
const opening = ({ opensAt }: IlsHealth, zone: string): Words | undefined => {
  if (opensAt === undefined) return undefined
  const at = Temporal.Instant.fromEpochMilliseconds(opensAt).toZonedDateTimeISO(zone)
  const time = `${at.hour}:${String(at.minute).padStart(2, '0')}`
  return {
    zh: `计划内停机，${at.month} 月 ${at.day} 日 ${time} 恢复后自动补办`,
    en: `Closed as planned until ${time} on ${at.toPlainDate()}; what waits is done then`,
  }
}

/** Working seconds within which a line is shown as soon late. */
const soon = 4 * 3600

const stateWords: Readonly<Record<IlsHealth['state'], Words>> = {
  up: { zh: '正常', en: 'Up' },
  degraded: { zh: '时断时续', en: 'Unsteady' },
  down: { zh: '连不上，恢复后自动补办', en: 'Away; what waits is done when it is back' },
  'closed-hours': {
    zh: '计划内停机，恢复后自动补办',
    en: 'Closed as planned; what waits is done afterwards',
  },
  'not-started': { zh: '还没有启动', en: 'Not started' },
}

const flowOf = async (
  { db, ports, now }: WorkDeps,
  { libraryId, branchIds }: StaffAsk,
): Promise<TodayJson['flow']> => {
  const { zone } = ports.libraries.get(libraryId)
  const day = Temporal.Instant.fromEpochMilliseconds(now).toZonedDateTimeISO(zone).startOfDay()
  const begin = day.epochMilliseconds
  const rows = await passedSince(db, libraryId, branchIds, begin)
  const hourOf = (at: Millis): number =>
    Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(zone).hour
  const flow = Array.from({ length: 24 }, (_, hour) => ({
    hour,
    received: 0,
    found: 0,
    packed: 0,
    sent: 0,
    collected: 0,
  }))
  const count = (at: Millis | null, what: Exclude<keyof (typeof flow)[number], 'hour'>): void => {
    if (at !== null && at >= begin && at <= now) flow[hourOf(at)]![what] += 1
  }
  for (const row of rows) {
    count(row.confirmed_at, 'received')
    count(row.found_at, 'found')
    count(row.packed_at, 'packed')
    count(row.sent_at, 'sent')
    count(row.in_hand_at, 'collected')
  }
  return flow
}
