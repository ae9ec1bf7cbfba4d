import { type IlsItem, type IlsPatron, patronBlocks } from '../../src/adapters/ils/ils.ts'
import type { ManualAnswer, ManualDone, ManualTask, ManualTasks } from '../../src/adapters/ils/manual.ts'
import type { Ruling } from '../../src/sandbox/ils/ruling.ts'
import type { IlsState } from '../../src/sandbox/ils/state.ts'
import { reasons } from '../../src/sandbox/ils/words.ts'

type Settled = Exclude<ManualAnswer, { state: 'waiting' }>

const alerts = { '01': 'hold-here', '02': 'hold-elsewhere', '04': 'send-elsewhere' } as const

const settled = <T>(ruling: Ruling<T>, done: (value: T) => ManualDone): Settled =>
  ruling.ok
    ? { state: 'done', done: done(ruling.value) }
    : { state: 'refused', reason: reasons[ruling.reason].zh }

/** A member of staff who types every task into the library's own system at once and confirms what it said. */
export const clerk =
  (state: IlsState) =>
  (task: ManualTask): Settled => {
    switch (task.kind) {
      case 'checkout':
        return settled(state.checkout({ card: task.request.card, barcode: task.request.barcode }), lent =>
          loanDone('checkout', lent.title, lent.loan.dueAt),
        )
      case 'renew':
        return settled(state.renew({ card: task.request.card, barcode: task.request.barcode }), lent =>
          loanDone('renew', lent.title, lent.loan.dueAt),
        )
      case 'checkin':
        return settled(
          state.checkin({
            barcode: task.request.barcode,
            here: task.request.location ?? '',
            returnedAt: task.request.returnedAt,
          }),
          back => ({
            kind: 'checkin',
            permanentLocation: back.item.permanentLocation,
            title: back.title,
            ...(back.alert ? { alertType: alerts[back.alert] } : {}),
            ...(back.destination === undefined ? {} : { destination: back.destination }),
          }),
        )
      case 'place-hold':
        return settled(state.addHold(wish(task.request)), placed => ({
          kind: 'place-hold',
          available: placed.available,
          queuePosition: placed.position,
        }))
      case 'cancel-hold':
        return settled(state.deleteHold(wish(task.request)), () => ({ kind: 'cancel-hold' }))
    }
  }

const loanDone = (kind: 'checkout' | 'renew', title: string, dueAt: number): ManualDone => ({
  kind,
  title,
  dueAt,
  dueText: new Date(dueAt).toISOString(),
})

const wish = (request: Extract<ManualTask, { kind: 'place-hold' }>['request']) => ({
  card: request.card,
  ...(request.barcode === undefined ? {} : { barcode: request.barcode }),
  ...(request.title === undefined ? {} : { title: request.title }),
  ...(request.pickupLocation === undefined ? {} : { pickup: request.pickupLocation }),
})

/** What the gateway knows about the branch: here simply what the library knows. */
export const knowledgeOf = (state: IlsState): Pick<ManualTasks, 'patron' | 'item'> => ({
  patron: async query => {
    const view = state.patron(query.card)
    if (!view) return undefined
    const charged = view.loans.map(l => l.barcode)
    const patron: IlsPatron = {
      card: query.card,
      name: view.patron.name,
      valid: true,
      pinValid: null,
      blocks: patronBlocks.filter((_, i) => view.status[i] === 'Y'),
      counts: { charged: charged.length, holds: view.holds.length, overdue: view.overdue.length },
      limits: {},
      owed: view.owed,
      items: query.list === 'charged' ? charged : [],
      itemsAre: 'barcode',
      messages: [],
    }
    return patron
  },
  item: async barcode => {
    const view = state.item(barcode)
    if (!view) return undefined
    const item: IlsItem = {
      barcode,
      title: view.title,
      status: view.item.status,
      ...(view.loan ? { dueAt: view.loan.dueAt } : {}),
      holdQueue: view.queue.length,
      permanentLocation: view.item.permanentLocation,
      messages: [],
    }
    return item
  },
})
