import { messageById } from '../../store/messages.ts'
import { again, done, type Step } from './step.ts'

/** A notice over the channels outside; the reader's own page has it already. */
export const sendNotice: Step<'notify.send'> = async ({ payload, order, ports, db, act }) => {
  const message = await messageById(db, order.libraryId, payload.messageId)
  if (!message || !ports.notify) return done()
  const { libraryId, patronId, notice, title, body } = message
  const answer = await ports.notify.send({ ...act, libraryId, patronId, notice, title, body })
  return answer.ok ? done() : again(answer.problem)
}
