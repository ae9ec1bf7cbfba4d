import * as read from '../../src/adapters/ils/sip2/answers.ts'
import { buildMessage, isUnreadable, type Parsed, parseMessage } from '../../src/adapters/ils/sip2/codec.ts'
import { dialects, type Profile, profileOf } from '../../src/adapters/ils/sip2/dialects.ts'
import type { Encoding } from '../../src/adapters/ils/sip2/encodings.ts'
import { maskedText, personalOf } from '../../src/adapters/ils/sip2/masking.ts'
import { messages } from '../../src/adapters/ils/sip2/messages.ts'
import { readStatus } from '../../src/adapters/ils/sip2/status.ts'
import { encodingOf, mutated, optionsOf, soundMessage } from './messages.ts'
import { isPatronAnswerUsable } from './readers-truth.ts'
import { hex, must, type Target, unhex } from './target.ts'

const answers = [...messages.values()].filter(({ to }) => to === 'sc')
const profiles = dialects.map(({ name }) => profileOf(name)!)
const lists = ['holds', 'overdue', 'charged', 'fines', 'recalls', 'unavailable-holds'] as const
const forms = ['plain', 'eg_legacy', '3m', 'swyer_b', 'id-amount'] as const

interface Answered {
  readonly bytes: string
  readonly encoding: Encoding
  readonly profile: number
  readonly pin: string
}

/** The readers of answers, for every profile: no answer makes one stumble, and none says yes by chance. */
export const answerReaders: Target = {
  name: 'client: readers of answers',
  share: 20,
  inputs: 1,
  make: chance => {
    const encoding = encodingOf(chance)
    const options = { ...optionsOf(chance, encoding), delimiter: '|' }
    const built = buildMessage(soundMessage(chance, encoding, chance.of(answers)), options)
    const bytes = built.ok ? (chance.once(3) ? built.value : mutated(chance, built.value)) : new Uint8Array()
    const profile = chance.below(profiles.length)
    return { bytes: hex(bytes), encoding, profile, pin: chance.of(['', '1234']) } satisfies Answered
  },
  check: made => {
    const { bytes, encoding, profile: at, pin } = made as Answered
    const profile = profiles[at]!
    const { lenientSplit } = profile
    const parsed = parseMessage(unhex(bytes), { encoding, delimiter: '|', lenientSplit })
    if (isUnreadable(parsed)) return
    everyReader(parsed, profile, pin)
    const shown = maskedText(parsed, personalOf(parsed.fields))
    must(shown.length <= bytes.length * 8 + 100, 'a transcript that grows')
  },
}

const everyReader = (parsed: Parsed, profile: Profile, pin: string): void => {
  readStatus(parsed)
  const patron = read.readPatron(parsed, profile, { card: 'R1', pin })
  must(isPatronAnswerUsable(parsed, profile, pin, patron.pinValid), 'a PIN is right that nobody checked')
  must(Number.isSafeInteger(patron.owed) && patron.owed >= 0, 'an odd amount')
  for (const list of lists) {
    const { items, total } = read.readList(parsed, profile, list)
    must(
      items.every(item => item !== ''),
      'an empty entry',
    )
    must(total === undefined || (Number.isInteger(total) && total >= 0), 'an odd total')
  }
  read.readItem(parsed, profile, 'B1')
  for (const code of ['checkout-refused', 'renewal-refused'] as const) {
    const loan = read.readLoan(parsed, profile, 'B1', code)
    must(!loan.ok || ['1', 'Y'].includes(parsed.fixed.ok ?? ''), 'a loan without a yes')
  }
  const back = read.readCheckin(parsed, profile, 'B1')
  must(!back.ok || ['1', 'Y'].includes(parsed.fixed.ok ?? ''), 'a return without a yes')
  read.readHold(parsed, profile, 'hold-refused')
  const fee = read.readFee(parsed, profile)
  must(!fee.ok || ['1', 'Y'].includes(parsed.fixed.paymentAccepted ?? ''), 'a payment without a yes')
  read.readBlock(parsed, profile)
  read.readEnable(parsed, profile)
  read.screenMessages(parsed, profile)
  for (const [, value] of parsed.fields) for (const form of forms) read.fineLine(value, form)
}
