import { field, type Message } from '../codec.ts'
import { encode } from '../encodings.ts'
import {
  endPatronSession,
  itemInformation,
  patronInformation,
  patronStatusRequest,
  type Scope,
} from '../requests.ts'
import { deniedByMask } from '../status.ts'
import { nobodysCard, nobodysItem } from './given.ts'
import type { Plan } from './step.ts'
import type { Talk, Told } from './talk.ts'

/** Which questions are really answered, whatever BX says: each is asked once, about nobody's card and item. */
export function* served(talk: Talk): Plan<void> {
  const { facts } = talk
  for (const make of questions) {
    const message = make(talk.scope())
    const told = yield* talk.ask(message)
    const again = told.reaction === 'answer' ? told : yield* withEmptyFields(talk, make, told)
    facts.served.set(message.command, again.reaction)
  }
}

const questions: readonly ((scope: Scope) => Message)[] = [
  scope => itemInformation(scope, nobodysItem),
  scope => patronInformation(scope, { card: nobodysCard }),
  scope => patronStatusRequest(scope, nobodysCard),
  scope => endPatronSession(scope, nobodysCard),
]

const often = ['AC', 'AD']

/** Some answer only what carries AC and AD, even empty ones: what is not answered is asked once more with them. */
function* withEmptyFields(talk: Talk, make: (scope: Scope) => Message, told: Told): Plan<Told> {
  const { facts } = talk
  const scope = talk.scope()
  const message = make({ ...scope, profile: { ...scope.profile, emptyFields: often } })
  const plain = make(scope)
  if (facts.emptyFields || deniedByMask(facts.status?.supported, plain.command)) return told
  if (message.fields.length === plain.fields.length) return told
  const again = yield* talk.ask(message)
  if (again.reaction === 'answer') facts.emptyFields = often
  return again
}

/** A barcode that nobody has, with characters that only a charset of Chinese holds. */
const chinese = '测试书桥東'

/** Whether Chinese in a question comes back as it was, and by which sum such a question is believed. */
export function* echo(talk: Talk): Plan<void> {
  const { facts } = talk
  if (facts.served.get('17') !== 'answer' || facts.encoding?.is !== 'found') return
  if (encode(chinese, talk.encoding).lacking.length > 0) return
  const barcode = `SQ-${chinese}-0`
  let told = yield* talk.ask(itemInformation(talk.scope(), barcode))
  if (told.reaction === '96' && facts.sums.send) {
    told = yield* talk.ask(itemInformation(talk.scope(), barcode), { rule: 'utf-16' })
    if (told.reaction === 'answer') facts.sums.rule = 'utf-16'
  }
  if (told.reaction !== 'answer' || !told.parsed) {
    facts.echo = 'refused'
    return
  }
  const back = field(told.parsed, 'AB')
  if (back === undefined || back === '') facts.echo = 'not-told'
  else if (back === barcode) facts.echo = 'same'
  else facts.echo = /^[\x20-\x7e]*$/.test(back) ? 'lost' : 'changed'
  yield* tail(talk)
}

/** Whether Chinese at the very end of a message without AY and AZ is kept: several servers cut it off. */
function* tail(talk: Talk): Plan<void> {
  const { facts } = talk
  if (facts.echo !== 'same') return
  const message = itemInformation(talk.scope(), `SQ-0-${chinese}`)
  const fields = message.fields.filter(([id]) => id !== 'AC')
  const told = yield* talk.ask({ ...message, fields }, { send: false })
  if (told.reaction !== 'answer' || !told.parsed) return
  facts.tail = field(told.parsed, 'AB') === `SQ-0-${chinese}` ? 'kept' : 'lost'
}

/** Whether a question that names another institution is answered. */
export function* institution(talk: Talk): Plan<void> {
  const { facts } = talk
  if (facts.served.get('17') !== 'answer') return
  const told = yield* talk.ask(itemInformation(talk.scope({ institution: 'SHUQIAO-NOBODY' }), nobodysItem))
  facts.foreignInstitution = told.reaction
}
