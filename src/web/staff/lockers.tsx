import { Button, Input } from 'antd'
import { useState } from 'react'
import type { LockerPictureJson, StaffMeJson } from '../../gateway/http/api/staff.ts'
import { post } from '../base/api.ts'
import { refresh, useData } from '../base/data.ts'
import { layDoors } from '../base/doors.ts'
import { Icon } from '../base/icons.tsx'
import { Loaded, Trouble, useTicking, When } from '../base/parts.tsx'
import { useSubmit } from '../base/submit.ts'
import { useWords } from '../base/words.tsx'
import { useSetupTexts } from './line-setup-use.ts'
import { DoorHistory, LockerCare, lockerPath, WithReason } from './locker-care.tsx'

type Compartment = LockerPictureJson['compartments'][number]

const percent = (part: number, whole: number): string => `${(part / whole) * 100}%`

/** States in which something lies there, or is waited for: how long is worth knowing. */
const kept: ReadonlySet<string> = new Set(['reserved', 'loaded', 'expired', 'returned'])

const minute = 60_000
/** How long something lies there: minutes, hours, days. */
const useAge = (since: string): string => {
  const { t } = useWords()
  const minutes = Math.max(0, Math.floor((useTicking(minute) - Date.parse(since)) / minute))
  const { age } = t.staff.lockersPage
  if (minutes < 60) return age(minutes, 'minutes')
  return minutes < 48 * 60 ? age(Math.floor(minutes / 60), 'hours') : age(Math.floor(minutes / 1440), 'days')
}

const Door = (props: {
  door: Compartment
  style: React.CSSProperties
  chosen: boolean
  choose: () => void
}) => {
  const { t } = useWords()
  const { door } = props
  const words = t.staff.lockersPage
  const state = words.states[door.state]
  const age = useAge(door.since)
  return (
    <button
      type="button"
      className={`locker-door ${door.state} ${door.door === 'open' ? 'open' : ''} ${props.chosen ? 'chosen' : ''}`}
      style={props.style}
      aria-pressed={props.chosen}
      onClick={props.choose}
    >
      <span>
        <span className="figure door-number">{door.label}</span>
        {kept.has(door.state) && <span className="door-age">{age}</span>}
      </span>
      <span className="door-state">
        {door.alarm && <Icon name="alert" size={16} />}
        {door.door === 'open' ? words.doors.open : state}
      </span>
    </button>
  )
}

/** The cabinet as it stands, door by door. */
export const Picture = (props: {
  locker: LockerPictureJson
  chosen: string | undefined
  choose: (id: string) => void
}) => {
  const { t, w } = useWords()
  const picture = layDoors(props.locker.compartments)
  return (
    <fieldset
      className="cabinet-picture"
      style={{
        aspectRatio: `${picture.width * 1.5} / ${picture.height}`,
        maxWidth: `${picture.width / 7}rem`,
      }}
      aria-label={t.staff.lockersPage.cabinet(w(props.locker.name))}
    >
      {picture.doors.map(({ place, of }) => (
        <Door
          key={of.id}
          door={of}
          chosen={of.id === props.chosen}
          choose={() => props.choose(of.id)}
          style={{
            left: percent(place.x, picture.width),
            top: percent(place.y, picture.height),
            width: percent(place.width, picture.width),
            height: percent(place.height, picture.height),
          }}
        />
      ))}
    </fieldset>
  )
}

/** A person, a reason: without both no door opens from afar. */
const RemoteOpen = ({ lockerId, door }: { lockerId: string; door: Compartment }) => {
  const { t } = useWords()
  const words = t.staff.lockersPage
  const [reason, setReason] = useState('')
  const [opened, setOpened] = useState(false)
  const submit = useSubmit((key, text: string) =>
    post<unknown>(
      `/api/staff/lockers/${encodeURIComponent(lockerId)}/compartments/${encodeURIComponent(door.id)}/open`,
      { reason: text },
      key,
    ),
  )
  const open = async () => {
    if ((await submit.run(reason.trim())) === undefined) return
    setOpened(true)
    setReason('')
    refresh('/api/staff/lockers')
  }
  return (
    <div className="remote-open">
      <label htmlFor="reason">{words.reason}</label>
      <Input.TextArea
        id="reason"
        rows={2}
        maxLength={200}
        value={reason}
        onChange={event => setReason(event.target.value)}
      />
      <p className="quiet small">{words.reasonShort}</p>
      {submit.problem && <Trouble problem={submit.problem} />}
      <Button danger loading={submit.busy} disabled={reason.trim().length < 3} onClick={open}>
        {words.open}
      </Button>
      {opened && (
        <p className="good-word" role="status">
          <Icon name="yes" size={20} />
          {words.opened}
        </p>
      )}
    </div>
  )
}

/** How a door stands, and what can be done at it from afar. */
export const DoorDetail = ({
  lockerId,
  door,
  history = true,
}: {
  lockerId: string
  door: Compartment
  history?: boolean
}) => {
  const { t, w } = useWords()
  const words = t.staff.lockersPage
  return (
    <div className="card panel detail">
      <h3>
        <span className="figure">{door.label}</span> · {words.sizes[door.size]} · {words.states[door.state]}
      </h3>
      <p>
        {words.doors[door.door]} · {words.since} <When at={door.since} />
      </p>
      {door.alarm && (
        <p className="risk late">
          <Icon name="alert" size={20} />
          {w(door.alarm)}
        </p>
      )}
      {door.titles.length > 0 && (
        <p>
          {words.holds} {door.titles.map(title => `《${title}》`).join('')}
        </p>
      )}
      <RemoteOpen key={door.id} lockerId={lockerId} door={door} />
      <WithReason
        key={`${door.id}${door.state}`}
        name={door.state === 'out_of_service' ? words.backInUse : words.outOfUse}
        path={`${lockerPath(lockerId)}/compartments/${encodeURIComponent(door.id)}/service`}
        body={{ inService: door.state === 'out_of_service' }}
      />
      {history && <DoorHistory key={`h${door.id}`} lockerId={lockerId} doorId={door.id} />}
    </div>
  )
}

const OneLocker = ({ locker }: { locker: LockerPictureJson }) => {
  const { t, w } = useWords()
  const words = t.staff.lockersPage
  const [chosenId, choose] = useState<string>()
  const chosen = locker.compartments.find(one => one.id === chosenId)
  return (
    <section className="locker-row" aria-label={w(locker.name)}>
      <div>
        <h2>{w(locker.name)}</h2>
        <p className="quiet small">{locker.place}</p>
        <p className={locker.online ? 'good-word' : 'risk late'}>
          <Icon name={locker.online ? 'yes' : 'alert'} size={20} />
          {locker.online ? words.online : words.offline}
        </p>
        <LockerCare lockerId={locker.id} />
      </div>
      <Picture locker={locker} chosen={chosenId} choose={choose} />
      {chosen ? (
        <DoorDetail lockerId={locker.id} door={chosen} />
      ) : (
        <p className="quiet panel">{words.pick}</p>
      )}
    </section>
  )
}

export default function Lockers({ role }: { role: StaffMeJson['role'] }) {
  const { t } = useWords()
  const texts = useSetupTexts()
  const lockers = useData<LockerPictureJson[]>('/api/staff/lockers')
  return (
    <section>
      <title>{`${t.staff.nav.lockers} · ${t.staff.page}`}</title>
      <div className="page-head">
        <h1 tabIndex={-1}>{t.staff.nav.lockers}</h1>
        {role === 'administrator' && (
          <p className="acts">
            <a href="#/line-setup">{texts?.link}</a>
          </p>
        )}
      </div>
      <Loaded of={lockers} lines={10}>
        {known => known.map(locker => <OneLocker key={locker.id} locker={locker} />)}
      </Loaded>
    </section>
  )
}
