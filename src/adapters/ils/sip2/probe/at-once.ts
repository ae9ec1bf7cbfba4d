import { itemInformation } from '../requests.ts'
import { nobodysItem } from './given.ts'
import type { Plan } from './step.ts'
import { status99, type Talk } from './talk.ts'

/**
 * How many connections are allowed side by side: opens one more at a time, asks one question on it, and stops at
 * the first that is refused or at the bound the person was told. All of them are closed at once afterwards.
 */
export function* atOnce(talk: Talk): Plan<void> {
  const { facts, given } = talk
  const bound = given.sideBySide
  if (bound < 2) return
  yield* talk.hangUp()
  const held: number[] = []
  const count = (end: NonNullable<typeof facts.connections>['end']): void => {
    facts.connections = { opened: held.length, bound, end }
  }
  try {
    while (held.length < bound) {
      const heard = yield* talk.connect()
      if (heard.heard !== 'opened') return count('refused')
      if (!(yield* talk.enter())) return count('refused')
      const question = facts.statusAfter === 'answer' ? status99 : itemInformation(talk.scope(), nobodysItem)
      const told = yield* talk.say(question)
      if (told.reaction !== 'answer') return count(told.reaction)
      held.push(talk.setAside())
    }
    count('bound')
  } finally {
    yield* talk.hangUp()
    for (const line of held) yield { do: 'close', line }
  }
}
