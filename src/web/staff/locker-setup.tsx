import { Button } from 'antd'
import { useId, useState } from 'react'
import type { DoorLabelsJson } from '../../gateway/http/api/locker-setup.ts'
import type { LockerPictureJson } from '../../gateway/http/api/staff.ts'
import type { DrawingJson, SettingsYamlJson } from '../../gateway/http/api/staff-lockers.ts'
import { post } from '../base/api.ts'
import { useData } from '../base/data.ts'
import { Mark } from '../base/mark.tsx'
import { Loaded, Trouble } from '../base/parts.tsx'
import { Qr } from '../base/qr.tsx'
import { useSubmit } from '../base/submit.ts'
import { useWords } from '../base/words.tsx'
import { useSetupTexts } from './line-setup-use.ts'
import { lockerPath } from './locker-care.tsx'
import { DoorTest } from './locker-test.tsx'
import { Picture } from './lockers.tsx'

type Drawn = DrawingJson['doors'][number]
type Size = Drawn['size']
const sizes: readonly Size[] = ['small', 'medium', 'large']

const Row = ({ door, change }: { door: Drawn; change: (door: Drawn) => void }) => {
  const { t } = useWords()
  const words = t.staff.lockersPage
  const number = (name: 'row' | 'column') => (
    <input
      type="number"
      min={1}
      max={40}
      aria-label={`${words.drawing[name]} ${door.label}`}
      value={door[name]}
      onChange={event =>
        change({ ...door, [name]: Math.max(1, Math.min(40, event.target.valueAsNumber || 1)) })
      }
    />
  )
  return (
    <tr>
      <td>
        <input
          aria-label={`${words.drawing.label} ${door.id}`}
          maxLength={16}
          value={door.label}
          onChange={event => change({ ...door, label: event.target.value })}
        />
      </td>
      <td>
        <select
          aria-label={`${words.drawing.size} ${door.label}`}
          value={door.size}
          onChange={event => change({ ...door, size: event.target.value as Size })}
        >
          {sizes.map(size => (
            <option key={size} value={size}>
              {words.sizes[size]}
            </option>
          ))}
        </select>
      </td>
      <td>{number('row')}</td>
      <td>{number('column')}</td>
    </tr>
  )
}

/** The drawing, changed in a table beside it; what comes out is text for the settings file. */
const Drawing = ({ locker }: { locker: LockerPictureJson }) => {
  const { t } = useWords()
  const words = t.staff.lockersPage.drawing
  const field = useId()
  const [doors, setDoors] = useState<readonly Drawn[]>(() =>
    locker.compartments.map(({ id, label, size, row, column }) => ({ id, label, size, row, column })),
  )
  const [chosen, choose] = useState<string>()
  const [copied, setCopied] = useState(false)
  const [yaml, setYaml] = useState<string>()
  const submit = useSubmit((_key, of: readonly Drawn[]) =>
    post<SettingsYamlJson>(`${lockerPath(locker.id)}/drawing`, { doors: of }),
  )
  const change = (changed: Drawn) => {
    setDoors(doors.map(one => (one.id === changed.id ? changed : one)))
    setYaml(undefined)
    setCopied(false)
  }
  const drawn = {
    ...locker,
    compartments: locker.compartments.map(one => ({ ...one, ...doors.find(({ id }) => id === one.id) })),
  }
  return (
    <section className="card panel" aria-label={words.title}>
      <h2>{words.title}</h2>
      <p className="quiet">{words.lead}</p>
      <div className="drawing">
        <Picture locker={drawn} chosen={chosen} choose={choose} />
        <div className="sideways">
          <table className="drawing-table">
            <thead>
              <tr>
                <th scope="col">{words.label}</th>
                <th scope="col">{words.size}</th>
                <th scope="col">{words.row}</th>
                <th scope="col">{words.column}</th>
              </tr>
            </thead>
            <tbody>
              {doors.map(door => (
                <Row key={door.id} door={door} change={change} />
              ))}
            </tbody>
          </table>
        </div>
      </div>
      {submit.problem && <Trouble problem={submit.problem} />}
      <Button
        loading={submit.busy}
        disabled={doors.some(door => door.label.trim() === '')}
        onClick={async () => setYaml((await submit.run(doors))?.yaml)}
      >
        {words.make}
      </Button>
      {yaml !== undefined && (
        <div className="yaml">
          <label htmlFor={field}>{words.yaml}</label>
          <textarea id={field} readOnly rows={12} value={yaml} spellCheck={false} />
          <Button
            onClick={async () => {
              await navigator.clipboard.writeText(yaml)
              setCopied(true)
            }}
          >
            {copied ? words.copied : words.copy}
          </Button>
        </div>
      )}
    </section>
  )
}

const useLocker = (id: string) => {
  const all = useData<LockerPictureJson[]>('/api/staff/lockers')
  const { data, ...rest } = all
  const locker = data?.find(one => one.id === id)
  return locker ? { ...rest, data: locker } : rest
}

/** A cabinet set up: its doors tried one by one, its drawing, its labels. */
export default function LockerSetup({ id }: { id: string }) {
  const { t, w } = useWords()
  const words = t.staff.lockersPage
  return (
    <section>
      <title>{`${words.setup} · ${t.staff.page}`}</title>
      <Loaded of={useLocker(id)} lines={10}>
        {locker => (
          <div className="locker-setup">
            <div className="page-head">
              <h1 tabIndex={-1}>{w(locker.name)}</h1>
              <p className="acts">
                <a href="#/lockers">{words.backToAll}</a>
                <a href={`#/print/doors/${encodeURIComponent(locker.id)}`}>{words.labels}</a>
              </p>
            </div>
            <DoorTest locker={locker} />
            <Drawing key={locker.id} locker={locker} />
          </div>
        )}
      </Loaded>
    </section>
  )
}

/** What is stuck on the doors: the number, large; the cabinet; a code that leads staff to the page of the door. */
export const DoorLabels = ({ id }: { id: string }) => {
  const { t, w } = useWords()
  const texts = useSetupTexts()
  const labels = useData<DoorLabelsJson>(`${lockerPath(id)}/labels`)
  const urls = new Map(labels.data?.items.map(one => [one.id, one.url]))
  const words = t.staff.lockersPage
  return (
    <section className="sheet">
      <title>{`${words.labels} · ${t.staff.page}`}</title>
      <div className="page-head no-print">
        <h1 tabIndex={-1}>{words.labels}</h1>
        <Button type="primary" onClick={() => print()}>
          {t.staff.printNow}
        </Button>
      </div>
      <p className="quiet no-print">{texts?.door.labelsLead}</p>
      {labels.problem && <Trouble problem={labels.problem} again={labels.again} />}
      <Loaded of={useLocker(id)} lines={8}>
        {locker => (
          <div className="door-labels">
            {locker.compartments.map(door => (
              <article key={door.id} className="door-label">
                <p className="door-label-number figure">{door.label}</p>
                <p className="door-label-house">
                  <Mark size={14} /> {w(locker.name)}
                </p>
                {urls.has(door.id) && (
                  <Qr text={urls.get(door.id) ?? ''} label={words.labelScan(door.label)} />
                )}
              </article>
            ))}
          </div>
        )}
      </Loaded>
    </section>
  )
}
