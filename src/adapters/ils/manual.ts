import type { Clock, Millis } from '../../kernel/clock.ts'
import {
  type Answer,
  misconfigured,
  no,
  refused,
  unreachable,
  type Words,
  yes,
} from '../../kernel/problem.ts'
import type {
  Act,
  CheckinReceipt,
  CheckinRequest,
  CheckoutRequest,
  HoldReceipt,
  HoldRequest,
  Ils,
  IlsItem,
  IlsPatron,
  LoanReceipt,
  PatronQuery,
  RenewRequest,
} from './ils.ts'

/**
 * What staff of a branch without a link to its library system are asked to do by hand there, and to confirm.
 * A task never holds a PIN. It does hold a card number: a store behind `ManualTasks` seals it.
 */
export type ManualTask = ManualWork & {
  /** The act's own key: the same act is one task, however often it is tried. */
  readonly key: string
  readonly askedAt: Millis
  readonly priority: 'person' | 'work'
}
export type ManualWork =
  | { readonly kind: 'checkout'; readonly request: Omit<CheckoutRequest, 'pin'> }
  | { readonly kind: 'checkin'; readonly request: CheckinRequest }
  | { readonly kind: 'renew'; readonly request: RenewRequest }
  | { readonly kind: 'place-hold'; readonly request: Omit<HoldRequest, 'pin'> }
  | { readonly kind: 'cancel-hold'; readonly request: Omit<HoldRequest, 'pin'> }

/** What staff read off the screen of their library system and confirmed. */
export type ManualDone =
  | {
      readonly kind: 'checkout' | 'renew'
      readonly title: string
      readonly dueAt?: Millis
      readonly dueText: string
    }
  | {
      readonly kind: 'checkin'
      readonly permanentLocation: string
      readonly title?: string
      readonly card?: string
      /** Set when the book must not simply be shelved. */
      readonly alertType?: NonNullable<CheckinReceipt['alertType']>
      readonly destination?: string
    }
  | { readonly kind: 'place-hold'; readonly available: boolean; readonly queuePosition?: number }
  | { readonly kind: 'cancel-hold' }

export type ManualAnswer =
  | { readonly state: 'waiting' }
  | { readonly state: 'done'; readonly done: ManualDone }
  /** The library system said no; `reason` in the words staff typed. */
  | { readonly state: 'refused'; readonly reason: string }

/** The list of tasks, and what the gateway itself knows about cards and books of the branch. */
export interface ManualTasks {
  /** A task whose key is known changes nothing. */
  put(task: ManualTask): Promise<void>
  /** Undefined when there is no such task. */
  answer(key: string): Promise<ManualAnswer | undefined>
  /** Undefined when the card is not known. */
  patron(query: Omit<PatronQuery, 'pin'>): Promise<IlsPatron | undefined>
  item(barcode: string): Promise<IlsItem | undefined>
  /** How many wait for staff now. */
  waiting(): number
}

export interface ManualSettings {
  readonly name: string
  readonly tasks: ManualTasks
  readonly clock: Pick<Clock, 'now'>
}

const words = {
  awaiting: { zh: '等待馆员在本馆系统中办理', en: 'waiting for staff to do it in their own library system' },
  refused: { zh: '本馆系统未受理', en: 'the library system did not accept it' },
  otherKind: { zh: '办理结果与任务不符', en: 'the confirmation does not belong to this kind of task' },
  unknownItem: { zh: '没有这本书的记录', en: 'there is no record of this item' },
} satisfies Record<string, Words>

/**
 * A library system driven by people: every act becomes a task, and answers `awaiting-staff` (nothing has been
 * done; try again later) until they confirmed or refused it. PINs cannot be checked: `pinValid` is always null.
 */
export const createManualIls = ({ name, tasks, clock }: ManualSettings): Ils => {
  const startedAt = clock.now()

  const ask = async <K extends ManualDone['kind']>(
    act: Act,
    work: ManualWork & { readonly kind: K },
  ): Promise<Answer<ManualDone & { readonly kind: K }>> => {
    const known = await tasks.answer(act.key)
    if (!known)
      await tasks.put({ ...work, key: act.key, askedAt: clock.now(), priority: act.priority ?? 'work' })
    const answer = known ?? (await tasks.answer(act.key))
    if (answer?.state === 'refused')
      return no(refused('ils-refused', words.refused, { their: { text: answer.reason } }))
    if (answer?.state !== 'done')
      return no(unreachable('awaiting-staff', words.awaiting, { maybeDone: false }))
    return isOf(answer.done, work.kind) ? yes(answer.done) : no(misconfigured('other-task', words.otherKind))
  }

  return {
    name,
    patron: async ({ pin: _, ...query }) => {
      const patron = await tasks.patron(query)
      return yes(patron ? { ...patron, pinValid: null } : unknownPatron(query.card))
    },
    item: async barcode => {
      const item = await tasks.item(barcode)
      return item ? yes(item) : no(refused('unknown-item', words.unknownItem))
    },
    checkout: async act => {
      const answer = await ask(act, { kind: 'checkout', request: checkoutOf(act) })
      return answer.ok ? yes(receipt(act.barcode, answer.value, false)) : answer
    },
    checkin: async act => {
      const answer = await ask(act, { kind: 'checkin', request: checkinOf(act) })
      return answer.ok ? yes(takenBack(act.barcode, answer.value)) : answer
    },
    renew: async act => {
      const answer = await ask(act, { kind: 'renew', request: renewOf(act) })
      return answer.ok ? yes(receipt(act.barcode, answer.value, true)) : answer
    },
    placeHold: async act => {
      const answer = await ask(act, { kind: 'place-hold', request: holdOf(act) })
      if (!answer.ok) return answer
      const { available, queuePosition } = answer.value
      return yes<HoldReceipt>({
        available,
        ...(queuePosition === undefined ? {} : { queuePosition }),
        messages: [],
      })
    },
    cancelHold: async act => {
      const answer = await ask(act, { kind: 'cancel-hold', request: holdOf(act) })
      return answer.ok ? yes(undefined) : answer
    },
    health: () => ({ state: 'up', since: startedAt, queue: tasks.waiting() }),
    close: async () => {},
  }
}

const isOf = <K extends ManualDone['kind']>(
  done: ManualDone,
  kind: K,
): done is ManualDone & { readonly kind: K } => done.kind === kind

// Only what a task may hold is taken over: key, tries and above all the PIN stay behind.
const checkoutOf = ({ key: _, repeated: __, priority: ___, pin: ____, ...request }: Act & CheckoutRequest) =>
  request
const checkinOf = ({ key: _, repeated: __, priority: ___, ...request }: Act & CheckinRequest) => request
const renewOf = ({ key: _, repeated: __, priority: ___, ...request }: Act & RenewRequest) => request
const holdOf = ({ key: _, repeated: __, priority: ___, pin: ____, ...request }: Act & HoldRequest) => request

const receipt = (
  barcode: string,
  done: ManualDone & { readonly kind: 'checkout' | 'renew' },
  wasRenewal: boolean,
): LoanReceipt => ({
  barcode,
  title: done.title,
  ...(done.dueAt === undefined ? {} : { dueAt: done.dueAt }),
  dueText: done.dueText,
  wasRenewal,
  messages: [],
})

const takenBack = (
  barcode: string,
  { kind: _, ...done }: ManualDone & { readonly kind: 'checkin' },
): CheckinReceipt => ({
  ...done,
  barcode,
  alert: done.alertType !== undefined,
  messages: [],
})

const unknownPatron = (card: string): IlsPatron => ({
  card,
  name: '',
  valid: false,
  pinValid: null,
  blocks: [],
  counts: {},
  limits: {},
  owed: 0,
  items: [],
  itemsAre: 'barcode',
  messages: [],
})

/** A list of tasks in memory, for tests and for trying things out; `settle` is what staff do on their page. */
export interface ManualDesk extends ManualTasks {
  open(): readonly ManualTask[]
  settle(key: string, answer: Exclude<ManualAnswer, { state: 'waiting' }>): void
}

/** What the gateway knows, given by the caller; `clerk` settles a task the moment it comes, or leaves it. */
export const manualDesk = (
  known: Pick<ManualTasks, 'patron' | 'item'>,
  clerk: (task: ManualTask) => Exclude<ManualAnswer, { state: 'waiting' }> | undefined = () => undefined,
): ManualDesk => {
  const tasks = new Map<string, { task: ManualTask; answer: ManualAnswer }>()
  const open = (): ManualTask[] =>
    [...tasks.values()].filter(t => t.answer.state === 'waiting').map(t => t.task)
  return {
    ...known,
    put: async task => {
      if (!tasks.has(task.key)) tasks.set(task.key, { task, answer: clerk(task) ?? { state: 'waiting' } })
    },
    answer: async key => tasks.get(key)?.answer,
    waiting: () => open().length,
    open,
    settle: (key, answer) => {
      const entry = tasks.get(key)
      if (entry?.answer.state === 'waiting') entry.answer = answer
    },
  }
}
