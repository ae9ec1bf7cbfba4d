import { blocksOf } from '../eligibility.ts'
import { cardFor, noCard } from './cards.ts'
import { again, done, droppable, dropped, isRefusal, type Step, textOf } from './step.ts'

/** The check that could not be made when the order was placed, because the ILS was away. */
export const checkPatron: Step<'ils.check-patron'> = async task => {
  const { payload, ports, order } = task
  if (droppable(task)) return dropped('ils.check-patron')
  const card = await cardFor(ports, payload.card, order.libraryId, payload.at)
  if (card === undefined) return { is: 'dead', problem: noCard }
  const answer = await ports.ils(payload.at).patron({ card, priority: 'work' })
  if (!answer.ok) {
    if (!isRefusal(answer.problem)) return again(answer.problem)
    return done({ what: 'patron-refused', data: textOf(answer.problem), source: 'ils' })
  }
  const usesHolds = ports.libraries.get(order.libraryId).policy.holds === 'ils'
  const [block] = blocksOf(answer.value, usesHolds)
  return block
    ? done({ what: 'patron-refused', data: { code: block.code, text: block.say.zh }, source: 'ils' })
    : done({ what: 'patron-cleared', data: {}, source: 'ils' })
}
