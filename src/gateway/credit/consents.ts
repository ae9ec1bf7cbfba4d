import { createHash } from 'node:crypto'
import type { Millis } from '../../kernel/clock.ts'
import type { Words } from '../../kernel/problem.ts'
import { consentsOf, insertConsent, type PatronRef } from '../store/credit.ts'
import type { Db, Tx } from '../store/db.ts'
import type { ConsentFor, Purpose } from './firewall.ts'
import type { JoinWay } from './pack.ts'

/** What a reader reads before agreeing. A text is never changed: a new wording is a new version. */
export interface ConsentText {
  readonly version: string
  readonly text: Words
}

/** The text in use. It names the only provider that may be asked and what for; the way chosen says whether. */
export const consentText: ConsentText = {
  version: 'joining-2026-11',
  text: {
    zh: '我已阅读并同意本馆网上借阅规则和信用积分规则。选择芝麻信用开通时，我同意图书馆把我的姓名和身份证号提供给芝麻信用，仅用于查询我是否达到本馆的免押金门槛，并在借出和归还图书时告知芝麻信用。图书馆只得到“是 / 否 / 无法评估”，不会得到我的分数，也不保存身份证号。此项授权一年有效，我可以随时撤回；撤回后立即停止查询并删除由此得到的结果。选择读者证或押金开通时，不查询任何信用平台。',
    en: 'I have read the rules of online lending and of credit points and agree. If I join by Zhima Credit, I agree that the library gives it my name and ID number, only to ask whether I reach this library’s threshold for lending without a deposit, and tells it when I borrow and return. The library learns yes, no or cannot tell, never my score, and does not keep the ID number. This lasts a year and I can withdraw it at any time; queries then stop at once and what came from them is erased. If I join by card or deposit, no credit platform is asked.',
  },
}

/** What agreeing means for each way of joining. */
const given: Readonly<Record<JoinWay, { provider: string; purposes: readonly Purpose[] }>> = {
  zhima: { provider: 'zhima', purposes: ['admission', 'loan-record'] },
  card: { provider: 'library', purposes: [] },
  deposit: { provider: 'library', purposes: [] },
}

const hashOf = (text: ConsentText): string =>
  createHash('sha256')
    .update(JSON.stringify([text.version, text.text]))
    .digest('hex')

export const recordConsent = (
  tx: Tx,
  { libraryId, patronId }: PatronRef,
  way: JoinWay,
  row: { readonly id: string; readonly at: Millis; readonly until: Millis },
): Promise<void> =>
  insertConsent(tx, {
    library_id: libraryId,
    patron_id: patronId,
    provider: given[way].provider,
    purposes: JSON.stringify(given[way].purposes),
    text_version: consentText.version,
    text_hash: hashOf(consentText),
    revoked_at: null,
    ...row,
  })

/** The reader's consent for this provider and purpose, if there is one that is neither withdrawn nor over. */
export const liveConsent = async <P extends string, Q extends Purpose>(
  db: Db,
  who: PatronRef,
  provider: P,
  purpose: Q,
  now: Millis,
): Promise<ConsentFor<P, Q> | undefined> => {
  const row = (await consentsOf(db, who)).find(
    consent =>
      consent.provider === provider &&
      consent.revoked_at === null &&
      consent.until > now &&
      (JSON.parse(consent.purposes) as string[]).includes(purpose),
  )
  return row && { provider, purpose, id: row.id, until: row.until }
}
