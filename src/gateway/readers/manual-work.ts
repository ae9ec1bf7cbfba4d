import type { ManualDone, ManualTask } from '../../adapters/ils/manual.ts'
import type { Clock, Millis } from '../../kernel/clock.ts'
import { type Answer, no, refused, yes } from '../../kernel/problem.ts'
import type { WorkRowJson } from '../http/api/staff.ts'
import type { OrderPorts } from '../orders/ports.ts'
import { rowsOf } from '../orders/views/work.ts'
import { audit } from '../store/audit.ts'
import type { Store, Tx } from '../store/db.ts'
import { settleManualTask, waitingManualTasks } from '../store/manual-tasks.ts'
import type { Personal } from '../store/personal.ts'
import { workLineById } from '../store/work.ts'
import { manualTaskWords } from './manual-words.ts'

export interface ManualWorkParts {
  readonly store: Store
  readonly clock: Pick<Clock, 'now'>
  readonly personal: Personal
  readonly ports: Pick<OrderPorts, 'libraries' | 'readers'>
  /** There is something new for the worker to do. */
  readonly wake: () => void
}

/** What staff of a library without a link do by hand in their own system, and say when they have. */
export interface ManualWork {
  /** The row's trouble says what to do; it names the card, since they cannot do it without. */
  list(libraryId: string): Promise<readonly WorkRowJson[]>
  /** With a reason: their system said no. Of several tasks of one line the first is meant. */
  confirm(
    on: { readonly libraryId: string; readonly lineId: string; readonly actor: string },
    told: { readonly reason?: string | undefined; readonly note?: string | undefined },
  ): Promise<Answer<void>>
}

const most = 200
const noTask = refused('no-manual-task', {
  zh: '这一册没有等着手工办理的事。',
  en: 'Nothing is to be done by hand for this item.',
})

/** An act's key names the order, the line, the act and its number. */
const lineOf = ({ key }: ManualTask): string => key.split('/')[1] ?? ''
const effectOf = ({ key }: ManualTask): string => key.split('/').slice(0, 4).join('/')

export const createManualWork = (parts: ManualWorkParts): ManualWork => {
  const { store, clock, personal, ports, wake } = parts
  const rowOf = async (task: ManualTask): Promise<readonly WorkRowJson[]> => {
    const line = await workLineById(store.db, lineOf(task))
    if (!line) return []
    const rows = await rowsOf({ db: store.db, ports, now: clock.now() }, [line])
    return rows.map(row => ({ ...row, trouble: manualTaskWords(task), can: ['confirm'] }))
  }
  return {
    list: async libraryId => {
      const rows: WorkRowJson[] = []
      for (const task of await waitingManualTasks(store.db, libraryId, personal, most))
        rows.push(...(await rowOf(task)))
      return rows
    },
    confirm: async ({ libraryId, lineId, actor }, { reason, note }) => {
      const tasks = await waitingManualTasks(store.db, libraryId, personal, most)
      const task = tasks.find(one => lineOf(one) === lineId)
      if (!task) return no(noTask)
      const { zone } = ports.libraries.get(libraryId)
      const title = (await workLineById(store.db, lineId))?.line.title ?? ''
      const outcome = reason ? { refused: reason } : { done: doneOf(task, title, note ?? '', zone) }
      const now = clock.now()
      const settled = await store.tx(async tx => {
        if (!(await settleManualTask(tx, libraryId, task.key, outcome, personal, now))) return false
        const entry = { libraryId, at: now, actor, subject: effectOf(task), reason: reason ?? '' }
        await audit(tx, { ...entry, action: reason ? 'manual-task-refused' : 'manual-task-confirmed' })
        await hurry(tx, effectOf(task), now)
        return true
      })
      if (!settled) return no(noTask)
      wake()
      return yes(undefined)
    },
  }
}

/** The effect that waits for the answer is tried at once instead of at its next turn. */
const hurry = async (tx: Tx, key: string, now: Millis): Promise<void> => {
  await tx
    .updateTable('outbox')
    .set({ due_at: now })
    .where('key', '=', key)
    .where('state', '=', 'ready')
    .where('due_at', '>', now)
    .execute()
}

const doneOf = (task: ManualTask, title: string, note: string, zone: string): ManualDone => {
  switch (task.kind) {
    case 'checkout':
    case 'renew':
      return { kind: task.kind, title, dueText: note.slice(0, 80), ...dueIn(note, zone) }
    case 'checkin':
      return { kind: 'checkin', title, permanentLocation: task.request.location ?? '' }
    case 'place-hold':
      return { kind: 'place-hold', available: true }
    case 'cancel-hold':
      return { kind: 'cancel-hold' }
  }
}

/** A date that staff read off their screen (2026-12-20) is the last day of the loan. */
const dueIn = (note: string, zone: string): { readonly dueAt?: Millis } => {
  const [day] = /\d{4}-\d{2}-\d{2}/.exec(note) ?? []
  if (day === undefined) return {}
  try {
    const date = Temporal.PlainDate.from(day)
    return { dueAt: date.add({ days: 1 }).toZonedDateTime(zone).epochMilliseconds - 1000 }
  } catch {
    return {}
  }
}
