import { Button, Input } from 'antd'
import { type ReactNode, useId, useState } from 'react'
import type { ConflictJson } from '../../gateway/http/api/links.ts'
import { post } from '../base/api.ts'
import { Icon } from '../base/icons.tsx'
import { Trouble, When } from '../base/parts.tsx'
import { useSubmit } from '../base/submit.ts'
import { useWords } from '../base/words.tsx'
import { refreshLinks } from './session.ts'

const useSettle = () =>
  useSubmit((key, id: string, act: string, reason: string) =>
    post<unknown>(`/api/staff/links/acts/${encodeURIComponent(id)}/${act}`, { reason }, key),
  )

/** Settled by hand, or dropped: both want a reason, which is kept on record. */
const WithReason = (props: { act: string; id: string; close: () => void }) => {
  const { t } = useWords()
  const words = t.staff.linksPage
  const field = useId()
  const [reason, setReason] = useState('')
  const settle = useSettle()
  const done = async () => {
    if ((await settle.run(props.id, props.act, reason.trim())) !== undefined) refreshLinks()
  }
  return (
    <form
      className="with-reason"
      onSubmit={event => {
        event.preventDefault()
        void done()
      }}
    >
      <label htmlFor={field}>{words.reasonFor[props.act as 'settled' | 'drop']}</label>
      <Input
        id={field}
        autoFocus
        maxLength={200}
        value={reason}
        onChange={event => setReason(event.target.value)}
      />
      {settle.problem && <Trouble problem={settle.problem} />}
      <div className="acts">
        <Button htmlType="submit" type="primary" loading={settle.busy} disabled={reason.trim().length < 3}>
          {words.acts[props.act as keyof typeof words.acts]}
        </Button>
        <Button onClick={props.close}>{t.cancel}</Button>
      </div>
    </form>
  )
}

/** The acts of one row; those that want a reason ask for it in place. */
export const Settling = ({ id, can, about }: { id: string; can: readonly string[]; about: string }) => {
  const { t } = useWords()
  const words = t.staff.linksPage
  const [asking, ask] = useState<string>()
  const retry = useSettle()
  if (asking) return <WithReason id={id} act={asking} close={() => ask(undefined)} />
  return (
    <>
      {retry.problem && <Trouble problem={retry.problem} />}
      <div className="acts">
        {can.map((act, at) => (
          <Button
            key={act}
            type={at === 0 && act === 'retry' ? 'primary' : 'default'}
            loading={act === 'retry' && retry.busy}
            aria-label={`${words.acts[act as keyof typeof words.acts]} ${about}`}
            onClick={async () => {
              if (act !== 'retry') ask(act)
              else if ((await retry.run(id, act, '')) !== undefined) refreshLinks()
            }}
          >
            {words.acts[act as keyof typeof words.acts]}
          </Button>
        ))}
      </div>
    </>
  )
}

export const Fact = ({ name, children }: { name: string; children: ReactNode }) => (
  <div>
    <dt>{name}</dt>
    <dd>{children}</dd>
  </div>
)

/** What happened here beside what the library system says of it. */
export const Conflict = ({ one }: { one: ConflictJson }) => {
  const { t, w } = useWords()
  const words = t.staff.linksPage
  const name = one.title ? `《${one.title}》` : one.barcode
  return (
    <li className="card conflict">
      <p className="conflict-head">
        <strong>
          {w(one.what)} {name}
        </strong>
        {one.title && <span className="quiet figure">{one.barcode}</span>}
      </p>
      <div className="truths">
        <section aria-label={words.here}>
          <h3>{words.here}</h3>
          <dl>
            <Fact name={words.who}>{one.reader ?? words.nobodyAsked}</Fact>
            <Fact name={words.when}>
              <When at={one.at} />
            </Fact>
            <Fact name={words.where}>{w(one.where)}</Fact>
          </dl>
        </section>
        <section aria-label={words.there}>
          <h3>{words.there}</h3>
          <dl>
            {one.found && (
              <>
                <Fact name={words.item}>{w(one.found.item)}</Fact>
                <Fact name={words.holder}>{w(one.found.holder)}</Fact>
                {one.found.dueAt && (
                  <Fact name={words.due}>
                    <When at={one.found.dueAt} dayOnly />
                  </Fact>
                )}
              </>
            )}
            <Fact name={words.their}>{one.their ?? words.noWords}</Fact>
          </dl>
        </section>
      </div>
      <p className="risk late">
        <Icon name="alert" size={20} />
        <span>{w(one.say)}</span>
      </p>
      {one.lineId ? (
        <p>
          <a className="print-link" href="#/exceptions">
            {words.toOrder}
          </a>
        </p>
      ) : (
        <Settling id={one.id} can={one.can} about={name} />
      )}
    </li>
  )
}
