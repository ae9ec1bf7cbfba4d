import { Checkbox, Radio } from 'antd-mobile'
import { type SubmitEvent, useState } from 'react'
import type { RulesJson } from '../../gateway/http/api/open.ts'
import type { JoinResultJson } from '../../gateway/http/api/reader.ts'
import { MainAct, QuietAct } from '../base/acts.tsx'
import { post } from '../base/api.ts'
import { refresh } from '../base/data.ts'
import { Icon } from '../base/icons.tsx'
import { Loaded, Trouble } from '../base/parts.tsx'
import { go, to } from '../base/route.ts'
import { useSubmit } from '../base/submit.ts'
import { useWords } from '../base/words.tsx'
import { useBasket } from './basket.ts'
import { Field } from './fields.tsx'
import { RulesText, useRules } from './rules.tsx'
import { useReader } from './session.ts'
import { Page } from './shell.tsx'

type JoinWay = RulesJson['waysToJoin'][number]['way']

interface JoinForm {
  readonly way: JoinWay
  readonly consent: { readonly textVersion: string; readonly agreed: true }
  readonly person?: { readonly name: string; readonly idNumber: string }
}

const Decision = ({ result, retry }: { result: JoinResultJson; retry: (way: JoinWay) => void }) => {
  const { t, w } = useWords()
  const words = t.reader.join
  const heading = { admitted: words.admitted, 'other-way': words.otherWay, refused: words.refused }[
    result.result
  ]
  const good = result.result === 'admitted'
  const waiting = useBasket().length
  return (
    <section className={good ? 'card decision good' : 'card decision'} aria-live="polite">
      <h2 className="serif">
        <Icon name={good ? 'yes' : 'look'} />
        {heading}
      </h2>
      <p>{w(result.reason)}</p>
      {result.tier && <p>{words.tier(w(result.tier.name))}</p>}
      {result.rules.length > 0 && (
        <details className="why" open={!good}>
          <summary>{words.because}</summary>
          <ul>
            {result.rules.map(rule => (
              <li key={rule.rule}>{w(rule.text)}</li>
            ))}
          </ul>
        </details>
      )}
      {!good && result.otherWays.length > 0 && (
        <div className="row">
          {result.otherWays.map(way => (
            <QuietAct key={way} onClick={() => retry(way)}>
              {words.tryWay(t.joinWays[way])}
            </QuietAct>
          ))}
        </div>
      )}
      {good && waiting === 0 && <MainAct onClick={() => go('#/search')}>{words.start}</MainAct>}
      {good && waiting > 0 && (
        <MainAct onClick={() => go('#/basket')}>{t.reader.book.inBasket(waiting)}</MainAct>
      )}
    </section>
  )
}

const Form = ({ rules }: { rules: RulesJson }) => {
  const { t, w } = useWords()
  const words = t.reader.join
  const [way, setWay] = useState<JoinWay>(rules.waysToJoin[0]?.way ?? 'card')
  const [agreed, setAgreed] = useState(false)
  const [person, setPerson] = useState({ name: '', idNumber: '' })
  const [result, setResult] = useState<JoinResultJson>()
  const submit = useSubmit((key, input: JoinForm) => post<JoinResultJson>('/api/me/join', input, key))
  const send = async (event: SubmitEvent) => {
    event.preventDefault()
    const consent = { textVersion: rules.consent.textVersion, agreed: true } as const
    const decided = await submit.run(way === 'zhima' ? { way, consent, person } : { way, consent })
    if (!decided) return
    setResult(decided)
    refresh('/api/me')
  }
  if (result)
    return (
      <Decision
        result={result}
        retry={other => {
          setWay(other)
          setResult(undefined)
        }}
      />
    )
  return (
    <form className="card form" onSubmit={send}>
      <fieldset className="plain">
        <legend>{words.way}</legend>
        <Radio.Group value={way} onChange={value => setWay(value as JoinWay)}>
          {rules.waysToJoin.map(choice => (
            <Radio key={choice.way} value={choice.way} block className="join-way">
              <span>{w(choice.name)}</span>
              <span className="quiet small block">{w(choice.text)}</span>
            </Radio>
          ))}
        </Radio.Group>
      </fieldset>
      {way === 'zhima' && (
        <fieldset className="plain">
          <legend>{words.person}</legend>
          <Field
            label={words.personName}
            value={person.name}
            change={name => setPerson({ ...person, name })}
            autoComplete="name"
            maxLength={60}
          />
          <Field
            label={words.idNumber}
            value={person.idNumber}
            change={idNumber => setPerson({ ...person, idNumber: idNumber.trim() })}
            hint={words.idHint}
            pattern="[0-9]{17}[0-9Xx]"
            maxLength={18}
          />
        </fieldset>
      )}
      <section className="consent" aria-label={words.consent}>
        <h3>{words.consent}</h3>
        <p className="small">{w(rules.consent.text)}</p>
      </section>
      <Checkbox checked={agreed} onChange={setAgreed}>
        {words.agree}
      </Checkbox>
      {submit.problem && <Trouble problem={submit.problem} />}
      {!agreed && <p className="small quiet">{words.agreeFirst}</p>}
      <MainAct type="submit" busy={submit.busy} disabled={!agreed}>
        {words.submit}
      </MainAct>
    </form>
  )
}

export default function Join() {
  const { t, w } = useWords()
  const words = t.reader.join
  const rules = useRules()
  const reader = useReader()
  const joining = (known: RulesJson) => {
    if (!reader.signedIn)
      return (
        <a className="main-link" href={to('login', { next: '#/join' })}>
          {words.signInFirst}
        </a>
      )
    return <Form rules={known} />
  }
  return (
    <Page title={words.title}>
      <Loaded of={rules} lines={12}>
        {known => (
          <>
            <p>{words.lead}</p>
            <RulesText rules={known} />
            <section className="join-ways" aria-label={words.ways}>
              <h2 className="section-title">{words.ways}</h2>
              {!reader.signedIn && (
                <ul className="card rows">
                  {known.waysToJoin.map(way => (
                    <li key={way.way} className="point-row">
                      <span>
                        {w(way.name)}
                        <span className="quiet small block">{w(way.text)}</span>
                      </span>
                    </li>
                  ))}
                </ul>
              )}
              {joining(known)}
            </section>
          </>
        )}
      </Loaded>
    </Page>
  )
}
