import { Button, Input } from 'antd'
import { useId, useState } from 'react'
import type { DoorHistoryJson, LockerCareJson } from '../../gateway/http/api/staff-lockers.ts'
import { post } from '../base/api.ts'
import { refresh, useData } from '../base/data.ts'
import { Icon } from '../base/icons.tsx'
import { Loaded, Trouble, When } from '../base/parts.tsx'
import { useSubmit } from '../base/submit.ts'
import { useWords } from '../base/words.tsx'

export const lockerPath = (id: string): string => `/api/staff/lockers/${encodeURIComponent(id)}`
const refreshLockers = (): void => refresh('/api/staff/lockers')

/** An act that wants a reason: a button that asks for it in place. */
export const WithReason = (props: {
  name: string
  label?: string
  path: string
  body: Readonly<Record<string, unknown>>
}) => {
  const { t } = useWords()
  const words = t.staff.lockersPage
  const field = useId()
  const [asking, ask] = useState(false)
  const [reason, setReason] = useState('')
  const submit = useSubmit((key, text: string) =>
    post<unknown>(props.path, { ...props.body, reason: text }, key).then(() => true),
  )
  const done = async () => {
    if (!(await submit.run(reason.trim()))) return
    ask(false)
    setReason('')
    refreshLockers()
  }
  if (!asking)
    return (
      <Button aria-label={props.label} onClick={() => ask(true)}>
        {props.name}
      </Button>
    )
  return (
    <form
      className="with-reason"
      onSubmit={event => {
        event.preventDefault()
        void done()
      }}
    >
      <label htmlFor={field}>{words.reasonAsk}</label>
      <Input
        id={field}
        autoFocus
        maxLength={200}
        value={reason}
        onChange={event => setReason(event.target.value)}
      />
      {submit.problem && <Trouble problem={submit.problem} />}
      <div className="acts">
        <Button htmlType="submit" type="primary" loading={submit.busy} disabled={reason.trim().length < 3}>
          {props.name}
        </Button>
        <Button onClick={() => ask(false)}>{t.cancel}</Button>
      </div>
    </form>
  )
}

/** Readers by phone, and whoever stood at the screen, in words; staff come with their names. */
const whoWas = (actor: string, words: { byPhone: string; atScreen: string; byBadge: string }): string => {
  if (actor === 'reader') return words.byPhone
  if (actor.startsWith('locker:')) return words.atScreen
  return actor.startsWith('badge:') ? words.byBadge : actor
}

/** What happened at one door, newest first. */
export const DoorHistory = ({
  lockerId,
  doorId,
  open = false,
}: {
  lockerId: string
  doorId: string
  open?: boolean
}) => {
  const { t } = useWords()
  const words = t.staff.lockersPage
  const history = useData<DoorHistoryJson>(
    `${lockerPath(lockerId)}/compartments/${encodeURIComponent(doorId)}/history`,
  )
  return (
    <details className="door-history" open={open}>
      <summary>{words.history}</summary>
      <Loaded of={history}>
        {({ items }) =>
          items.length === 0 ? (
            <p className="quiet">{words.noHistory}</p>
          ) : (
            <ol>
              {items.map(({ id, at, kind, actor }) => (
                <li key={id}>
                  <When at={at} /> {words.kinds[kind] ?? kind}
                  {actor !== 'locker' && <span className="quiet small"> {whoWas(actor, words)}</span>}
                </li>
              ))}
            </ol>
          )
        }
      </Loaded>
    </details>
  )
}

const Alarms = ({ lockerId, care }: { lockerId: string; care: LockerCareJson }) => {
  const { t, w } = useWords()
  const words = t.staff.lockersPage
  return (
    <section className="alarms" aria-label={words.alarms}>
      <h3>
        {words.alarms} <span className="figure">{care.alarms.length}</span>
      </h3>
      {care.alarms.length === 0 && <p className="quiet">{words.noAlarms}</p>}
      <ul>
        {care.alarms.map(alarm => {
          const where = alarm.label === null ? words.whole : words.door(alarm.label)
          return (
            <li key={`${alarm.compartmentId}${alarm.code}${alarm.since}`}>
              <p className="risk late">
                <Icon name="alert" size={20} /> {where} · {w(alarm.say)}
              </p>
              {alarm.since && (
                <p className="quiet small">
                  {words.since} <When at={alarm.since} />
                </p>
              )}
              {alarm.settles ? (
                <WithReason
                  name={words.settle}
                  label={words.settleFor(where)}
                  path={`${lockerPath(lockerId)}/alarms/settle`}
                  body={{ compartmentId: alarm.compartmentId }}
                />
              ) : (
                <p className="quiet small">{words.goesByItself}</p>
              )}
            </li>
          )
        })}
      </ul>
    </section>
  )
}

const Bulk = ({ lockerId, care }: { lockerId: string; care: LockerCareJson }) => {
  const { t } = useWords()
  const words = t.staff.lockersPage
  const decide = useSubmit((key, id: string, decision: 'approve' | 'refuse') =>
    post<unknown>(`${lockerPath(lockerId)}/bulk/${encodeURIComponent(id)}/${decision}`, {}, key),
  )
  const act = async (id: string, decision: 'approve' | 'refuse') => {
    if ((await decide.run(id, decision)) !== undefined) refreshLockers()
  }
  return (
    <div className="bulk">
      <h4>{words.bulk}</h4>
      <p className="quiet small">{words.bulkText}</p>
      {decide.problem && <Trouble problem={decide.problem} />}
      {care.bulk.map(wish => (
        <div key={wish.id} className="wish">
          <p>
            {words.bulkAsked(wish.doors, wish.askedBy)} {wish.reason}
          </p>
          <div className="acts">
            {wish.mine ? (
              <p className="quiet small">
                {words.bulkMine} <When at={wish.until} />
              </p>
            ) : (
              <Button danger loading={decide.busy} onClick={() => act(wish.id, 'approve')}>
                {words.approve}
              </Button>
            )}
            <Button onClick={() => act(wish.id, 'refuse')}>{words.refuse}</Button>
          </div>
        </div>
      ))}
      {!care.bulk.some(wish => wish.mine) && (
        <WithReason
          name={words.bulkAll}
          path={`${lockerPath(lockerId)}/bulk`}
          body={{ compartmentIds: 'all' }}
        />
      )}
    </div>
  )
}

const Notes = ({ lockerId, care }: { lockerId: string; care: LockerCareJson }) => {
  const { t } = useWords()
  const words = t.staff.lockersPage
  const name = useId()
  const [sanitary, setSanitary] = useState(care.sanitary)
  const [battery, setBattery] = useState(care.battery)
  const [kept, setKept] = useState(false)
  const submit = useSubmit((key, body: { sanitary: string; battery: string }) =>
    post<unknown>(`${lockerPath(lockerId)}/notes`, body, key).then(() => true),
  )
  const change = (set: (text: string) => void) => (event: React.ChangeEvent<HTMLTextAreaElement>) => {
    set(event.target.value)
    setKept(false)
  }
  return (
    <div className="notes">
      <label htmlFor={`${name}s`}>{words.sanitary}</label>
      <Input.TextArea
        id={`${name}s`}
        rows={2}
        maxLength={2000}
        value={sanitary}
        onChange={change(setSanitary)}
      />
      <label htmlFor={`${name}b`}>{words.battery}</label>
      <Input.TextArea
        id={`${name}b`}
        rows={2}
        maxLength={2000}
        value={battery}
        onChange={change(setBattery)}
      />
      {submit.problem && <Trouble problem={submit.problem} />}
      <div className="acts">
        <Button
          loading={submit.busy}
          onClick={async () => setKept((await submit.run({ sanitary, battery })) === true)}
        >
          {words.save}
        </Button>
        {kept && <span role="status">{words.saved}</span>}
      </div>
    </div>
  )
}

/** Alarms to settle, and what else there is to do around a cabinet. */
export const LockerCare = ({ lockerId }: { lockerId: string }) => {
  const { t } = useWords()
  const words = t.staff.lockersPage
  const care = useData<LockerCareJson>(`${lockerPath(lockerId)}/care`)
  return (
    <Loaded of={care} lines={2}>
      {known => (
        <div className="locker-care">
          {known.maintenance && (
            <p className="risk late">
              <Icon name="alert" size={20} /> {words.underCare} {known.maintenance.reason}
            </p>
          )}
          {known.turnedAt && (
            <p className="risk late">
              <Icon name="alert" size={20} /> {words.turned} <When at={known.turnedAt} />
            </p>
          )}
          <Alarms lockerId={lockerId} care={known} />
          <details open={known.bulk.length > 0}>
            <summary>{words.care}</summary>
            <div className="care-acts">
              <WithReason
                key={known.maintenance ? 'end' : 'begin'}
                name={known.maintenance ? words.end : words.begin}
                path={`${lockerPath(lockerId)}/maintenance`}
                body={{ on: known.maintenance === null }}
              />
              <a href={`#/lockers/${encodeURIComponent(lockerId)}`}>{words.setup}</a>
              <Bulk lockerId={lockerId} care={known} />
              <Notes lockerId={lockerId} care={known} />
            </div>
          </details>
        </div>
      )}
    </Loaded>
  )
}
