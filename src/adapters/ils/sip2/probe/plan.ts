import type { Clock } from '../../../../kernel/clock.ts'
import { atOnce } from './at-once.ts'
import { lendAndTakeBack } from './changes.ts'
import { type Facts, noFacts } from './facts.ts'
import { firstWords } from './first-words.ts'
import type { Given } from './given.ts'
import { guessEncoding } from './guess-encoding.ts'
import { judgeSums } from './learn.ts'
import { lines, repeats, sums } from './manners.ts'
import { echo, institution, served } from './questions.ts'
import { testItem, testPatron } from './reader.ts'
import { type Plan, Spent } from './step.ts'
import { Talk } from './talk.ts'

/**
 * The whole conversation of a probe, from the first connection to the last. Everything it sends is a question
 * (or a log-in) unless the person allows changes. It keeps to one request at a time by its form, and to the
 * limits of whoever carries it out: what it has found by then is its result.
 *
 * Log-ins: the account is used only after it has been accepted once; after one refusal, or one end without a
 * clear answer, it is not used again, because library systems lock accounts.
 */
export function* probe(given: Given, clock: Pick<Clock, 'now'>, facts: Facts = noFacts()): Plan<Facts> {
  const talk = new Talk(facts, given, clock)
  try {
    yield* conversation(talk)
  } catch (thrown) {
    if (!(thrown instanceof Spent)) throw thrown
    facts.stopped = thrown.what
  }
  learnCharset(facts)
  const { loginEncoding } = facts
  judgeSums(facts, talk.encoding, loginEncoding?.is === 'found' ? loginEncoding.encoding : talk.encoding)
  yield* talk.hangUp()
  return facts
}

function* conversation(talk: Talk): Plan<void> {
  const { facts } = talk
  facts.tls = talk.given.tls ? 'asked' : 'no'
  if (!(yield* firstWords(talk))) return
  learnCharset(facts)
  yield* served(talk)
  yield* testPatron(talk)
  yield* testItem(talk)
  learnCharset(facts)
  yield* echo(talk)
  yield* sums(talk)
  yield* lines(talk)
  yield* repeats(talk)
  yield* institution(talk)
  if (talk.given.allowChanges) yield* lendAndTakeBack(talk)
  yield* atOnce(talk)
}

/** What was said before a log-in counts where there is none, or nothing else; some change their charset with it. */
const learnCharset = (facts: Facts): void => {
  const { samples, early, login } = facts
  facts.encoding = guessEncoding(
    login.form === 'none' || samples.length === 0 ? [...early, ...samples] : samples,
  )
  if (login.form === '93' && early.length > 0) facts.loginEncoding = guessEncoding(early)
}
