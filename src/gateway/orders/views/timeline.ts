import type { Millis } from '../../../kernel/clock.ts'
import type { Words } from '../../../kernel/problem.ts'
import type { Event } from '../../store/events.ts'
import type { Line, LineStatus, Order } from '../order.ts'
import { states } from '../states.ts'

export interface TimelineStep {
  readonly step: string
  readonly name: Words
  readonly at: Millis | null
  readonly done: boolean
  readonly note: Words | null
}

/** Steps that are over in a moment and say nothing to a reader. */
const silent: readonly LineStatus[] = [
  'charged',
  'recovered',
  'received',
  'discharged',
  'cancelling',
  'transferring',
]

const name = (status: LineStatus): Words => ({ zh: states[status].zh, en: states[status].en })

const notes: Readonly<Record<string, Words>> = {
  'line.item-not-found': { zh: '这一本没找到', en: 'That copy was not there' },
  'line.carrier-lost': { zh: '快递丢失，与你无关', en: 'Lost by the carrier, not your fault' },
  'line.refused-damaged': { zh: '路上损坏，马上重寄', en: 'Damaged on the way; sent again at once' },
  'line.sent-back': { zh: '包裹退回', en: 'The parcel came back' },
  'line.wrong-item': { zh: '放错了书，我们来换', en: 'The wrong book; we replace it' },
  'line.checkout-refused': { zh: '系统暂时不同意借出', en: 'The library system would not lend it yet' },
  'line.copy-assigned': { zh: '另有一本', en: 'Another copy' },
  'line.locker-offline': { zh: '自助柜暂时不能用', en: 'The locker is out of use for now' },
  'line.place-refused': { zh: '自助柜没有空位', en: 'No room in the locker' },
  'line.renewed': { zh: '已续借', en: 'Renewed' },
}

/** What has happened to a line (with the times at which it did) and what is still promised. */
export const timelineOf = (line: Line, order: Order, events: readonly Event[]): readonly TimelineStep[] => {
  const past: TimelineStep[] = [
    { step: 'requested', name: name('requested'), at: order.createdAt, done: true, note: null },
  ]
  for (const event of events) {
    if (event.lineId !== line.id) continue
    past.push(...stepsOf(event))
  }
  return [...past, ...promised(line, order)]
}

const stepsOf = ({ kind, at, data }: Event): readonly TimelineStep[] => {
  const note = notes[kind] ?? null
  const path = (Array.isArray(data.path) ? data.path : []) as readonly LineStatus[]
  const shown = path.filter(status => !silent.includes(status))
  if (kind === 'line.submitted')
    return shown.map(s => ({ step: s, name: name(s), at, done: true, note: null }))
  if (shown.length === 0)
    return kind === 'line.renewed' && note
      ? [{ step: 'renewed', name: note, at, done: true, note: null }]
      : []
  return shown.map((status, i) => ({
    step: status,
    name: name(status),
    at,
    done: true,
    note: i === 0 ? note : null,
  }))
}

const ways: Readonly<Record<Order['delivery']['way'], readonly LineStatus[]>> = {
  home: ['found', 'packed', 'shipped', 'delivered'],
  branch: ['found', 'packed', 'at_branch', 'collected'],
  locker: ['found', 'packed', 'in_locker', 'collected'],
}

/** The moment the promise speaks of: ready to collect, or at the door. */
const promisedStep: readonly LineStatus[] = ['delivered', 'at_branch', 'in_locker']

/** Steps still to come, said as what will happen. */
const coming: { readonly [S in LineStatus]?: Words } = {
  found: { zh: '找到书', en: 'To be found' },
  packed: { zh: '打包', en: 'To be packed' },
  shipped: { zh: '发出', en: 'To be sent' },
  delivered: { zh: '送到', en: 'At your door' },
  at_branch: { zh: '到分馆，可以取', en: 'Ready at the branch' },
  in_locker: { zh: '到自助柜，可以取', en: 'Ready in the locker' },
  collected: { zh: '来取书', en: 'To be collected' },
  return_at_branch: { zh: '还书', en: 'To be given back' },
  closed: { zh: '收到后办完', en: 'Settled once it has arrived' },
}
/** The same, where the time beside it is the last one. */
const atTheLatest: { readonly [S in LineStatus]?: Words } = {
  collected: { zh: '最晚来取', en: 'To be collected by' },
  return_at_branch: { zh: '最晚还书', en: 'To be given back by' },
}

const promised = (line: Line, order: Order): readonly TimelineStep[] => {
  const ahead = (status: LineStatus, at: Millis | null): TimelineStep => ({
    step: status,
    name: (at === null ? undefined : atTheLatest[status]) ?? coming[status] ?? name(status),
    at,
    done: false,
    note: null,
  })
  const { status } = line
  if (status === 'closed' || status === 'cancelling' || status === 'recovered' || status === 'expired')
    return []
  const rank = status === 'seeking' ? 0 : states[status].rank
  const steps = ways[order.delivery.way]
    .filter(s => states[s].rank > rank)
    .map(s =>
      ahead(
        s,
        promisedStep.includes(s)
          ? order.promisedAt
          : s === 'collected' && !line.outage
            ? line.collectUntil
            : null,
      ),
    )
  if (rank >= states.on_loan.rank && line.handedInAt === null) return [ahead('return_at_branch', line.dueAt)]
  return rank >= states.on_loan.rank ? [ahead('closed', null)] : steps
}
