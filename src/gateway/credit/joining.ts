import { createHash } from 'node:crypto'
import type { CreditPerson } from '../../adapters/credit/credit.ts'
import type { Millis } from '../../kernel/clock.ts'
import { type Answer, no, refused, yes } from '../../kernel/problem.ts'
import type { JoinResultJson } from '../http/api/reader.ts'
import {
  accountOf,
  admissionsOf,
  depositsHeld,
  insertDecision,
  type PatronRef,
  patronJoinedAt,
  saveAdmission,
  savePatronCredit,
} from '../store/credit.ts'
import type { Tx } from '../store/db.ts'
import { aloneWith, note, settleTier, takeFacts, waysOf } from './accounts.ts'
import { consentText, liveConsent, recordConsent } from './consents.ts'
import { dayOf } from './days.ts'
import { type Decision, type DecisionInputs, decide } from './decisions.ts'
import { ask, type Finding } from './firewall.ts'
import { type JoinWay, type PolicyPack, packAt, ruleOf } from './pack.ts'
import type { CreditParts } from './parts.ts'
import { problemWords } from './words.ts'

export interface JoinRequest extends PatronRef {
  readonly way: JoinWay
  readonly consent: { readonly textVersion: string }
  /** For `zhima`: used for one query and not kept. */
  readonly person?: { readonly name: string; readonly idNumber: string }
}

const dayMillis = 86_400_000

/**
 * Joining by one way: consent first, on record; then the question, outside any transaction; then the decision,
 * stored with its pack. What the provider said is used only if the consent still stands.
 */
export const join = async (parts: CreditParts, request: JoinRequest): Promise<Answer<JoinResultJson>> => {
  const { libraryId, patronId, way } = request
  const who = { libraryId, patronId }
  if (request.consent.textVersion !== consentText.version)
    return no(refused('consent-text-changed', problemWords.unknownText))
  if (way === 'zhima' && !request.person) return no(refused('person-needed', problemWords.personNeeded))
  const { packs, zone } = parts.policyOf(libraryId)
  const started = parts.clock.now()
  const pack = packAt(packs, started, zone)
  const until = started + pack.consentDays * dayMillis
  await parts.store.tx(tx => recordConsent(tx, who, way, { id: parts.ids.next(), at: started, until }))
  const finding = way === 'zhima' ? await askZhima(parts, request, pack) : undefined
  return aloneWith(parts.store, who, async tx => {
    const now = parts.clock.now()
    const consented = way !== 'zhima' || (await liveConsent(tx, who, 'zhima', 'admission', now))
    if (!consented) return no(refused('no-consent', problemWords.noConsent))
    const account = await accountOf(tx, who)
    const inputs: DecisionInputs = {
      way,
      ...(way === 'zhima' ? { platform: finding?.outcome ?? 'unreachable' } : {}),
      depositHeld: (await depositsHeld(tx, who)).length > 0,
      balance: account?.balance ?? ruleOf(pack, 'joined')?.points ?? 0,
      admittedBy: await waysOf(tx, who, now),
    }
    const decision = decide(inputs, pack)
    if (finding) await keepFinding(tx, who, finding, pack)
    const id = parts.ids.next()
    await keepDecision(tx, who, id, inputs, decision, pack, now)
    if (decision.result === 'admitted') await admit(tx, parts, who, way, pack, now)
    return yes(resultOf(id, decision))
  })
}

const askZhima = async (
  parts: CreditParts,
  { libraryId, patronId, person }: JoinRequest,
  pack: PolicyPack,
): Promise<Finding<'zhima'> | undefined> => {
  const provider = parts.providersOf(libraryId).zhima
  const now = parts.clock.now()
  const known = (await admissionsOf(parts.store.db, { libraryId, patronId })).find(row => row.way === 'zhima')
  if (known?.outcome === 'yes' && (known.expires_at ?? 0) > now)
    return { provider: 'zhima', outcome: 'yes', reference: known.reference, at: known.at }
  const consent = await liveConsent(parts.store.db, { libraryId, patronId }, 'zhima', 'admission', now)
  if (!provider || !consent || !person) return undefined
  const subject: CreditPerson = { kind: 'identity-card', name: person.name, number: person.idNumber }
  const day = dayOf(now, parts.policyOf(libraryId).zone)
  const said = parts.personal.lookup('credit-question', `${person.name}|${person.idNumber}`)
  const key = `J${hash(`${libraryId}|${patronId}|${day}|${pack.threshold.zhima}|${said}`)}`
  const answer = await ask(provider, consent, { key, person: subject, threshold: pack.threshold.zhima })
  if (answer.ok) return answer.value
  parts.log.warn({ provider: 'zhima', code: answer.problem.code }, 'a credit platform gave no answer')
  return undefined
}

/** The same question on the same day has the same key: a repeat is answered, not billed, again. */
const hash = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 48)

const keepFinding = (
  tx: Tx,
  { libraryId, patronId }: PatronRef,
  finding: Finding<'zhima'>,
  pack: PolicyPack,
): Promise<void> =>
  saveAdmission(tx, {
    library_id: libraryId,
    patron_id: patronId,
    way: finding.provider,
    outcome: finding.outcome,
    reference: finding.reference,
    at: finding.at,
    expires_at: finding.at + pack.admissionDays * dayMillis,
  })

const keepDecision = (
  tx: Tx,
  { libraryId, patronId }: PatronRef,
  id: string,
  inputs: DecisionInputs,
  decision: Decision,
  pack: PolicyPack,
  now: Millis,
): Promise<void> =>
  insertDecision(tx, {
    library_id: libraryId,
    patron_id: patronId,
    id,
    at: now,
    way: inputs.way,
    actor: 'gateway',
    inputs: JSON.stringify(inputs),
    pack_name: pack.name,
    pack_version: pack.version,
    result: decision.result,
    tier: decision.tier?.id ?? null,
    rules: JSON.stringify(decision.rules),
    reason: JSON.stringify(decision.reason),
    overrides: null,
  })

/** Whoever joins holds a card: that way stays open when a platform's answer runs out or its consent is withdrawn. */
export const admit = async (
  tx: Tx,
  parts: CreditParts,
  who: PatronRef,
  way: JoinWay,
  pack: PolicyPack,
  now: Millis,
): Promise<void> => {
  const row = { library_id: who.libraryId, patron_id: who.patronId, outcome: 'yes', at: now } as const
  if (pack.ways.some(entry => entry.way === 'card'))
    await saveAdmission(tx, { ...row, way: 'card', reference: '', expires_at: null })
  if (way === 'deposit') await saveAdmission(tx, { ...row, way, reference: '', expires_at: null })
  if ((await patronJoinedAt(tx, who)) === null) {
    await savePatronCredit(tx, who, { joined_at: now })
    await note(tx, parts, who, 'credit-joined', now, { way })
  }
  await takeFacts(tx, parts, who, [{ id: 'joined', kind: 'joined', at: now, evidence: way }], now)
  const account = await accountOf(tx, who)
  await settleTier(
    tx,
    parts,
    who,
    { balance: account?.balance ?? 0, redemptions: account?.redemptions ?? 0 },
    now,
  )
}

const resultOf = (
  decisionId: string,
  { result, reason, tier, otherWays, rules }: Decision,
): JoinResultJson => ({
  decisionId,
  result,
  reason,
  tier: tier && { id: tier.id, name: tier.name },
  otherWays: [...otherWays],
  rules: [...rules],
})
