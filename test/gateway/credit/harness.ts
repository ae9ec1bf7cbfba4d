import type { Admission, AdmissionRequest, LoanNotice } from '../../../src/adapters/credit/credit.ts'
import type { LibraryPolicy } from '../../../src/gateway/credit/accounts.ts'
import { consentText } from '../../../src/gateway/credit/consents.ts'
import { createCredit } from '../../../src/gateway/credit/credit.ts'
import type { Fact } from '../../../src/gateway/credit/facts.ts'
import type { JoinWay } from '../../../src/gateway/credit/pack.ts'
import { jincheng } from '../../../src/gateway/credit/packs/jincheng.ts'
import { rememberPatron } from '../../../src/gateway/store/patrons.ts'
import { noLog } from '../../../src/kernel/log.ts'
import { type Answer, unreachable, yes } from '../../../src/kernel/problem.ts'
import { sqliteStore, type TestStore } from '../../harness/store.ts'

/** A platform that answers as it is told and remembers all it was asked. */
export const platform = (now: () => number) => {
  const seen: AdmissionRequest[] = []
  const told: { what: 'loan' | 'return'; loan: LoanNotice }[] = []
  let answer: Admission['outcome'] | 'down' = 'yes'
  let meanwhile = async (): Promise<void> => {}
  const down = unreachable('credit-busy', { zh: '忙', en: 'busy' })
  return {
    seen,
    told,
    answers: (next: typeof answer) => {
      answer = next
    },
    meanwhile: (act: () => Promise<void>) => {
      meanwhile = act
    },
    provider: {
      name: 'zhima' as const,
      admit: async (request: AdmissionRequest): Promise<Answer<Admission>> => {
        seen.push(request)
        await meanwhile()
        if (answer === 'down') return { ok: false, problem: down }
        return yes({ outcome: answer, reference: `ZM${seen.length}`, at: now() })
      },
      recordLoan: async (loan: LoanNotice): Promise<Answer<void>> => {
        told.push({ what: 'loan', loan })
        return answer === 'down' ? { ok: false, problem: down } : yes(undefined)
      },
      recordReturn: async (loan: LoanNotice): Promise<Answer<void>> => {
        told.push({ what: 'return', loan })
        return answer === 'down' ? { ok: false, problem: down } : yes(undefined)
      },
    },
  }
}

export const person = { name: '测试读者甲', idNumber: '110101190001010014' }
export const policy: LibraryPolicy = { zone: 'Asia/Shanghai', packs: [jincheng] }

/** A credit service of one library with one reader. */
export const creditOfOneReader = async (fresh: () => Promise<TestStore> = sqliteStore) => {
  const t = await fresh()
  const zhima = platform(t.clock.now.bind(t.clock))
  const cards: { act: 'block' | 'enable'; key: string }[] = []
  const credit = createCredit({
    store: t.store,
    clock: t.clock,
    ids: t.ids,
    personal: t.personal,
    log: noLog,
    policyOf: () => policy,
    providersOf: () => ({ zhima: zhima.provider }),
    cards: {
      block: async (_, order) => void cards.push({ act: 'block', key: order.key }),
      enable: async (_, order) => void cards.push({ act: 'enable', key: order.key }),
    },
  })
  const patron = await t.store.tx(tx =>
    rememberPatron(
      tx,
      { libraryId: 'suzhou', card: 'C1', name: person.name },
      t.personal,
      t.ids,
      t.clock.now(),
    ),
  )
  const who = { libraryId: 'suzhou', patronId: patron.id }
  const consent = { textVersion: consentText.version }
  const join = (way: JoinWay) => credit.join({ ...who, way, consent, ...(way === 'zhima' ? { person } : {}) })
  const row = () => t.store.db.selectFrom('patron').selectAll().executeTakeFirstOrThrow()
  const lost = (loanId: string): Fact => ({
    id: `lost:${loanId}`,
    kind: 'lost',
    loanId,
    at: t.clock.now(),
    evidence: loanId,
  })
  return { ...t, credit, zhima, cards, who, consent, join, row, lost }
}
