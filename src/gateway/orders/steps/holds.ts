import type { CirculationStatus } from '../../../adapters/ils/ils.ts'
import type { Answer, Problem } from '../../../kernel/problem.ts'
import { cardFor, noCard } from './cards.ts'
import {
  again,
  done,
  droppable,
  dropped,
  isRefusal,
  type Outcome,
  type Step,
  type Task,
  textOf,
} from './step.ts'

const own = done({ what: 'hold-placed', data: { own: true }, source: 'ils' })

const lendable: readonly CirculationStatus[] = ['available', 'waiting-to-be-reshelved', 'in-process', 'other']

/**
 * Reserves the copy: a hold, or a reservation of our own where the ILS takes none. When the ILS has certainly
 * been away for longer than the library's patience, our own reservation stands, so that staff can go and look.
 */
export const placeHold: Step<'ils.place-hold'> = async task => {
  const { payload, ports, order, act } = task
  if (droppable(task)) return dropped('ils.place-hold')
  if (ports.libraries.get(order.libraryId).policy.holds === 'own') return reserve(task)
  const card = await cardFor(ports, payload.card, order.libraryId, payload.at)
  if (card === undefined) return { is: 'dead', problem: noCard }
  const answer = await ports.ils(payload.at).placeHold({
    ...act,
    card,
    barcode: payload.barcode,
    at: payload.when,
    priority: 'work',
  })
  if (answer.ok) {
    const position = answer.value.queuePosition
    const data = { own: false, ...(position === undefined ? {} : { position }) }
    return done({ what: 'hold-placed', data, source: 'ils' })
  }
  return isRefusal(answer.problem) ? reserve(task, answer.problem) : later(task, answer.problem)
}

/** A reservation of our own, after a fresh look at the item. */
const reserve = async (task: Task<'ils.place-hold'>, refusal?: Problem): Promise<Outcome> => {
  const { payload, ports } = task
  const item = await ports.ils(payload.at).item(payload.barcode)
  if (!item.ok) {
    if (!isRefusal(item.problem)) return later(task, item.problem)
    return done({ what: 'hold-refused', data: textOf(item.problem), source: 'ils' })
  }
  if (lendable.includes(item.value.status) || item.value.status === 'unknown') return own
  const data = refusal ? textOf(refusal) : { code: item.value.status }
  return done({ what: 'hold-refused', data, source: 'ils' })
}

const later = (task: Task<'ils.place-hold'>, problem: Problem): Outcome => {
  const patience = task.ports.libraries.get(task.order.libraryId).policy.ilsPatienceMinutes * 60_000
  const certain = task.untouched && !problem.maybeDone && problem.kind === 'unreachable'
  const until = task.createdAt + patience
  if (certain && task.clock.now() >= until) return own
  const { notBefore } = problem
  return again(notBefore === undefined ? problem : { ...problem, notBefore: Math.min(notBefore, until) })
}

export const cancelHold: Step<'ils.cancel-hold'> = async ({ payload, ports, order, act }) => {
  const card = await cardFor(ports, payload.card, order.libraryId, payload.at)
  if (card === undefined) return { is: 'dead', problem: noCard }
  const answer: Answer<void> = await ports.ils(payload.at).cancelHold({
    ...act,
    card,
    barcode: payload.barcode,
    at: payload.when,
    priority: 'work',
  })
  // A refusal here says that there is no such hold any more.
  if (!answer.ok && !isRefusal(answer.problem)) return again(answer.problem)
  return payload.loose ? done() : done({ what: 'hold-cancelled', data: {}, source: 'ils' })
}
