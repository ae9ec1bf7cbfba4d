import type { IlsPatron } from '../../adapters/ils/ils.ts'
import { type Problem, ProblemError, refused } from '../../kernel/problem.ts'
import {
  type AttemptRule,
  attemptSucceeded,
  countAttempt,
  perAccount,
  perAddress,
  takeAttemptBack,
} from '../store/limits.ts'
import type { Ctx, Deps } from './deps.ts'

/** `told`: nobody is to blame (the ILS did not answer), so the try does not count. */
export type Outcome<T> = { readonly right: T } | { readonly wrong: Problem } | { readonly told: Problem }

/** Tries once, counted by account and by network address. Throws what was wrong, or `too-many-attempts`. */
export const counted = async <T>(
  c: Ctx,
  deps: Pick<Deps, 'store' | 'clock' | 'personal'>,
  scope: string,
  account: string,
  attempt: () => Promise<Outcome<T>>,
): Promise<T> => {
  const { store, clock, personal } = deps
  const limits: [AttemptRule, string][] = [
    [perAccount(`${scope}-account`), personal.lookup('attempt', account)],
    [perAddress(`${scope}-address`), personal.lookup('attempt', c.get('address'))],
  ]
  for (const [rule, subject] of limits) {
    const answer = await countAttempt(store, rule, subject, clock.now())
    if (!answer.allowed) throw new ProblemError(answer.problem)
  }
  const outcome = await attempt()
  if ('wrong' in outcome) throw new ProblemError(outcome.wrong)
  const settle = 'right' in outcome ? attemptSucceeded : takeAttemptBack
  for (const [rule, subject] of limits) await settle(store, rule, subject, clock.now())
  if ('told' in outcome) throw new ProblemError(outcome.told)
  return outcome.right
}

const wrongCardOrPin = refused('wrong-card-or-pin', {
  zh: '读者证号或密码不对。',
  en: 'Card number or PIN is wrong.',
})
const pinUnchecked = refused('pin-not-checked', {
  zh: '这个图书馆的系统不能核对密码，暂时不能在网上登录。',
  en: "This library's system cannot check a PIN, so nobody can log in here for now.",
})

/**
 * Asks the library system whether card and PIN belong together. Wherever a PIN is asked for, the same tries count,
 * so that no page is a second chance to guess. Throws `wrong-card-or-pin`, `pin-not-checked`, `too-many-attempts`.
 */
export const checkCard = (
  c: Ctx,
  deps: Pick<Deps, 'store' | 'clock' | 'personal' | 'ils'>,
  { libraryId, card, pin }: { readonly libraryId: string; readonly card: string; readonly pin: string },
): Promise<IlsPatron> =>
  counted(c, deps, 'reader-login', `${libraryId} ${card}`, async () => {
    const answer = await deps.ils(libraryId).patron({ card, pin, priority: 'person' })
    if (!answer.ok) return { told: answer.problem }
    const { valid, pinValid } = answer.value
    if (valid && pinValid === null) return { told: pinUnchecked }
    return valid && pinValid ? { right: answer.value } : { wrong: wrongCardOrPin }
  })
