import { useState } from 'react'
import type { CreditJson } from '../../gateway/http/api/reader.ts'
import { AskFirst, QuietAct } from '../base/acts.tsx'
import { post, remove } from '../base/api.ts'
import { refresh, useData } from '../base/data.ts'
import { Icon } from '../base/icons.tsx'
import { Loaded, Trouble, When } from '../base/parts.tsx'
import { useSubmit } from '../base/submit.ts'
import { useWords } from '../base/words.tsx'
import { LongField } from './fields.tsx'
import { Page } from './shell.tsx'
import { SignedIn } from './signed-in.tsx'

const Balance = ({ credit }: { credit: CreditJson }) => {
  const { t, w } = useWords()
  const words = t.reader.credit
  return (
    <section className="card balance" aria-label={words.balance}>
      <p>
        <strong className="big figure serif">{credit.balance}</strong> {words.points}
      </p>
      {credit.tier && (
        <p className="way-name">
          <Icon name="star" size={20} />
          {w(credit.tier.name)}
        </p>
      )}
      {credit.frozenUntil && (
        <p className="bad">
          <Icon name="alert" size={20} /> {words.frozen} <When at={credit.frozenUntil} dayOnly />
        </p>
      )}
      <a className="text-link" href="#/rules">
        {words.rules}
      </a>
    </section>
  )
}

const Ledger = ({ credit }: { credit: CreditJson }) => {
  const { t, w } = useWords()
  const words = t.reader.credit
  if (credit.entries.length === 0) return <p className="card note quiet">{words.noEntries}</p>
  return (
    <ul className="card rows">
      {credit.entries.map(entry => (
        <li key={entry.id} className="point-row">
          <span>
            {w(entry.name)}
            <span className="quiet small block">
              <When at={entry.at} /> · {words.evidence} {entry.evidence}
            </span>
          </span>
          <span className="ledger-sum">
            <strong className={entry.points < 0 ? 'figure loss' : 'figure gain'}>
              {entry.points > 0 ? `+${entry.points}` : entry.points}
            </strong>
            <span className="quiet small block figure">{words.after(entry.balance)}</span>
          </span>
        </li>
      ))}
    </ul>
  )
}

const Objection = ({ decisionId }: { decisionId: string }) => {
  const { t } = useWords()
  const words = t.reader.credit
  const [open, setOpen] = useState(false)
  const [text, setText] = useState('')
  const [sent, setSent] = useState(false)
  const submit = useSubmit((key, reason: string) =>
    post<unknown>(`/api/me/decisions/${encodeURIComponent(decisionId)}/objection`, { reason }, key),
  )
  const send = async () => {
    if ((await submit.run(text.trim())) !== undefined) setSent(true)
  }
  if (sent)
    return (
      <p className="good-word small" role="status">
        <Icon name="yes" size={18} />
        {words.objected}
      </p>
    )
  if (!open)
    return (
      <button type="button" className="link" onClick={() => setOpen(true)}>
        {words.object}
      </button>
    )
  return (
    <div className="ask">
      <LongField label={words.objectLabel} value={text} change={setText} />
      {submit.problem && <Trouble problem={submit.problem} />}
      <QuietAct busy={submit.busy} disabled={text.trim().length < 3} onClick={send}>
        {words.objectSend}
      </QuietAct>
    </div>
  )
}

const Decisions = ({ credit }: { credit: CreditJson }) => {
  const { t, w } = useWords()
  if (credit.decisions.length === 0) return null
  return (
    <section aria-labelledby="decisions">
      <h2 id="decisions" className="section-title">
        {t.reader.credit.decisions}
      </h2>
      <ul className="card rows">
        {credit.decisions.map(decision => (
          <li key={decision.id} className="decision-row">
            <p>{w(decision.reason)}</p>
            <p className="quiet small">
              <When at={decision.at} /> · {t.reader.credit.pack(decision.packVersion)}
            </p>
            <Objection decisionId={decision.id} />
          </li>
        ))}
      </ul>
    </section>
  )
}

const Consents = ({ credit }: { credit: CreditJson }) => {
  const { t } = useWords()
  const words = t.reader.credit
  const revoke = useSubmit((_key, provider: string) =>
    remove<unknown>(`/api/me/consents/${encodeURIComponent(provider)}`).then(() => true),
  )
  return (
    <section aria-labelledby="consents">
      <h2 id="consents" className="section-title">
        {words.consents}
      </h2>
      {credit.consents.length === 0 && <p className="card note quiet">{words.noConsents}</p>}
      {revoke.problem && <Trouble problem={revoke.problem} />}
      {credit.consents.length > 0 && (
        <ul className="card rows">
          {credit.consents.map(consent => (
            <li key={`${consent.provider}${consent.at}`} className="point-row">
              <span>
                {words.providers[consent.provider as keyof typeof words.providers] ?? consent.provider}
                <span className="quiet small block">
                  {consent.revokedAt ? words.revoked : words.given}{' '}
                  <When at={consent.revokedAt ?? consent.at} dayOnly />
                </span>
              </span>
              {!consent.revokedAt && (
                <AskFirst
                  label={words.revoke}
                  ask={words.revokeAsk}
                  busy={revoke.busy}
                  act={async () => {
                    if (await revoke.run(consent.provider)) refresh('/api/me/credit')
                  }}
                />
              )}
            </li>
          ))}
        </ul>
      )}
    </section>
  )
}

const Known = () => {
  const { t } = useWords()
  const credit = useData<CreditJson>('/api/me/credit')
  return (
    <Loaded of={credit} lines={10}>
      {known => (
        <>
          <Balance credit={known} />
          <section aria-labelledby="ledger">
            <h2 id="ledger" className="section-title">
              {t.reader.credit.ledger}
            </h2>
            <Ledger credit={known} />
          </section>
          <Decisions credit={known} />
          <Consents credit={known} />
        </>
      )}
    </Loaded>
  )
}

export default function Credit() {
  const { t } = useWords()
  return (
    <Page title={t.reader.credit.title}>
      <SignedIn>{() => <Known />}</SignedIn>
    </Page>
  )
}
