import { itemInformation } from '../requests.ts'
import { nobodysItem } from './given.ts'
import type { Plan } from './step.ts'
import { type Manner, status99, type Talk, type Told } from './talk.ts'

/** A question that is known to be answered: 99 before any log-in where that works, else 17 behind it. */
function* harmless(talk: Talk, manner: Manner): Plan<Told> {
  const { facts } = talk
  if (facts.served.get('17') === 'answer')
    return yield* talk.ask(itemInformation(talk.scope(), nobodysItem), manner)
  return yield* talk.ask(status99, manner)
}

/**
 * The rule for AY and AZ. Without them: where error detection follows the other side's first message, only a
 * line on which there has been none shows it, so that 99 is asked there where it needs no log-in.
 */
export function* sums(talk: Talk): Plan<void> {
  const { facts } = talk
  if (facts.sums.send) {
    const bare = facts.statusBefore === 'answer'
    if (bare) {
      if ((yield* talk.connect()).heard !== 'opened') return
      const told = yield* talk.say(status99, { send: false })
      facts.sums.without = told.reaction
      yield* talk.hangUp()
    } else facts.sums.without = (yield* harmless(talk, { send: false })).reaction
  } else facts.sums.without = 'answer'
  if (!facts.sums.send) return
  facts.sums.wrong = (yield* harmless(talk, { wrong: true })).reaction
}

/** Which line ends of ours are taken, and the zone `0000` where the other side writes it. */
export function* lines(talk: Talk): Plan<void> {
  const { facts } = talk
  facts.lines.taken = [facts.lines.ours]
  if (facts.lines.ours !== 'cr' && (yield* harmless(talk, { end: 'lf' })).reaction === 'answer')
    facts.lines.taken.push('lf')
  if (!facts.zones.has('0000') || facts.served.get('17') !== 'answer') return
  facts.zeroZone = (yield* talk.ask(itemInformation(talk.scope({ zone: '0000' }), nobodysItem))).reaction
}

const apart = 1100

/**
 * Whether the same bytes once more bring the remembered answer: its date then stands still though a second has
 * passed. Then 97, which asks for the last answer again.
 */
export function* repeats(talk: Talk): Plan<void> {
  const { facts } = talk
  if (!facts.sums.send || facts.oneRequest) return
  const first = yield* harmless(talk, {})
  if (first.reaction !== 'answer') return
  yield { do: 'rest', millis: apart }
  const again = yield* harmless(talk, { again: true })
  const dates = [first, again].map(told => told.parsed?.fixed.date)
  if (again.reaction !== 'answer' || dates[0] === undefined || /^[0 ]*$/.test(dates[0]))
    facts.repeat = 'unclear'
  else facts.repeat = dates[0] === dates[1] ? 'remembered' : 'again'
  if (!(yield* talk.ready())) return
  const before = yield* harmless(talk, {})
  if (before.reaction !== 'answer') return
  yield* resend(talk, before)
}

function* resend(talk: Talk, before: Told): Plan<void> {
  const told = yield* talk.say({ command: '97', fixed: {}, fields: [] }, { bare: true })
  const { facts } = talk
  if (told.parsed === undefined || told.reaction === '96') {
    facts.resend = told.reaction === 'answer' || told.reaction === 'garbage' ? 'other' : told.reaction
    return
  }
  if (told.parsed.command !== before.parsed?.command) facts.resend = 'other'
  else if (told.parsed.sequence === before.parsed.sequence) facts.resend = 'kept'
  else facts.resend = told.parsed.sequence === 0 ? 'zero' : 'other'
}
