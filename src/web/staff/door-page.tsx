import type { LockerPictureJson } from '../../gateway/http/api/staff.ts'
import type { LockerCareJson } from '../../gateway/http/api/staff-lockers.ts'
import { useData } from '../base/data.ts'
import { Icon } from '../base/icons.tsx'
import { Empty, Loaded } from '../base/parts.tsx'
import { useWords } from '../base/words.tsx'
import { useSetupTexts } from './line-setup-use.ts'
import { DoorHistory, lockerPath, WithReason } from './locker-care.tsx'
import { DoorDetail } from './lockers.tsx'

/** Alarms of this door alone, each settled with a reason. */
const DoorAlarms = ({ lockerId, doorId }: { lockerId: string; doorId: string }) => {
  const { t, w } = useWords()
  const words = t.staff.lockersPage
  const care = useData<LockerCareJson>(`${lockerPath(lockerId)}/care`)
  const alarms = care.data?.alarms.filter(one => one.compartmentId === doorId) ?? []
  if (alarms.length === 0) return null
  return (
    <section className="card panel alarms" aria-label={words.alarms}>
      <h2>{words.alarms}</h2>
      <ul>
        {alarms.map(alarm => (
          <li key={alarm.code}>
            <p className="risk late">
              <Icon name="alert" size={20} /> {w(alarm.say)}
            </p>
            {alarm.settles && (
              <WithReason
                name={words.settle}
                path={`${lockerPath(lockerId)}/alarms/settle`}
                body={{ compartmentId: doorId }}
              />
            )}
          </li>
        ))}
      </ul>
    </section>
  )
}

/** One door, as whoever scans its label comes to it: how it stands, its alarms, its history, opening with a reason. */
export default function DoorPage({ lockerId, doorId }: { lockerId: string; doorId: string }) {
  const { t, w } = useWords()
  const texts = useSetupTexts()
  const { data, ...rest } = useData<LockerPictureJson[]>('/api/staff/lockers')
  const locker = data?.find(one => one.id === lockerId)
  const door = locker?.compartments.find(one => one.id === doorId)
  if (!texts) return null
  return (
    <section className="door-page">
      <title>{`${door ? texts.door.title(door.label) : texts.door.unknown} · ${t.staff.page}`}</title>
      <Loaded of={data ? { ...rest, data } : rest} lines={8}>
        {() =>
          locker && door ? (
            <>
              <div className="page-head">
                <h1 tabIndex={-1}>
                  {w(locker.name)} · {texts.door.title(door.label)}
                </h1>
                <p className="acts">
                  <a href="#/lockers">{texts.door.back}</a>
                </p>
              </div>
              <p className="quiet">{locker.place}</p>
              <DoorAlarms lockerId={lockerId} doorId={doorId} />
              <DoorDetail lockerId={lockerId} door={door} history={false} />
              <div className="card panel">
                <DoorHistory lockerId={lockerId} doorId={doorId} open />
              </div>
            </>
          ) : (
            <Empty say={texts.door.unknown}>
              <a href="#/lockers">{texts.door.back}</a>
            </Empty>
          )
        }
      </Loaded>
    </section>
  )
}
