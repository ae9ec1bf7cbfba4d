import { Button } from 'antd'
import { useEffect, useState } from 'react'
import type { KioskAnswerJson, LockerPictureJson } from '../../gateway/http/api/staff.ts'
import { post } from '../base/api.ts'
import { every } from '../base/clock.ts'
import { refresh } from '../base/data.ts'
import { Icon } from '../base/icons.tsx'
import { Trouble } from '../base/parts.tsx'
import { useSubmit } from '../base/submit.ts'
import { useWords } from '../base/words.tsx'
import { lockerPath } from './locker-care.tsx'

type Compartment = LockerPictureJson['compartments'][number]
type Result = 'worked' | 'failed' | 'skipped' | 'held' | 'waiting'

const look = 1500

/** Only what is empty is opened for a test: nobody's books are shown to who stands there. */
const holds = (door: Compartment): boolean => door.state !== 'free' && door.state !== 'out_of_service'

const Results = ({
  locker,
  results,
}: {
  locker: LockerPictureJson
  results: ReadonlyMap<string, Result>
}) => {
  const { t } = useWords()
  const words = t.staff.lockersPage.walk
  return (
    <ul className="test-results">
      {locker.compartments.map(door => {
        const result = results.get(door.id) ?? 'waiting'
        return (
          <li key={door.id} className={result}>
            <span className="figure">{door.label}</span>
            {result === 'worked' && <Icon name="yes" size={16} />}
            {result === 'failed' && <Icon name="alert" size={16} />}
            <span className="small">{words.results[result]}</span>
          </li>
        )
      })}
    </ul>
  )
}

interface OneDoor {
  readonly lockerId: string
  readonly door: Compartment
  readonly over: (result: Result) => void
}

/** One door: a press opens it, the board (or the person) tells that it did, and that it is shut again. */
const OneDoorTest = ({ lockerId, door, over }: OneDoor) => {
  const { t, w } = useWords()
  const words = t.staff.lockersPage.walk
  const [answer, setAnswer] = useState<KioskAnswerJson>()
  const submit = useSubmit((key, _door: string) =>
    post<KioskAnswerJson>(
      `${lockerPath(lockerId)}/compartments/${encodeURIComponent(door.id)}/open`,
      { reason: words.why },
      key,
    ),
  )
  const opened = answer?.signal === 'open'
  useEffect(() => (opened ? every(look, () => refresh('/api/staff/lockers')) : undefined), [opened])
  const open = async () => {
    const told = await submit.run(door.id)
    if (told) setAnswer(told)
    refresh('/api/staff/lockers')
  }
  return (
    <div className="one-test">
      {submit.problem && <Trouble problem={submit.problem} />}
      {!answer && (
        <Button type="primary" danger size="large" loading={submit.busy} onClick={open}>
          {words.open(door.label)}
        </Button>
      )}
      {answer && !opened && (
        <p className="risk late" role="status">
          <Icon name="alert" size={20} /> {words.notOpen(door.label)} · {w(answer.say)}
        </p>
      )}
      {opened && <p role="status">{door.door === 'unknown' ? words.unseen : words.isOpen(door.label)}</p>}
      <div className="acts">
        {opened && (
          <>
            <Button type="primary" disabled={door.door === 'open'} onClick={() => over('worked')}>
              {words.yes}
            </Button>
            <Button onClick={() => over('failed')}>{words.no}</Button>
          </>
        )}
        {answer && !opened && (
          <>
            <Button loading={submit.busy} onClick={open}>
              {words.again}
            </Button>
            <Button onClick={() => over('failed')}>{words.next}</Button>
          </>
        )}
        {!answer && <Button onClick={() => over('skipped')}>{words.skip}</Button>}
      </div>
    </div>
  )
}

/** Every door, one by one, each opened by a press of its own; a stop button ends it at any time. */
export const DoorTest = ({ locker }: { locker: LockerPictureJson }) => {
  const { t } = useWords()
  const words = t.staff.lockersPage.walk
  const [at, setAt] = useState<number>()
  const [results, setResults] = useState<ReadonlyMap<string, Result>>(new Map())
  const all = locker.compartments
  const door = at === undefined ? undefined : all[at]
  const next = (from: number, known: ReadonlyMap<string, Result>) => {
    const marked = new Map(known)
    let to = from
    for (; to < all.length && holds(all[to]!); to++) marked.set(all[to]!.id, 'held')
    setResults(marked)
    setAt(to < all.length ? to : undefined)
  }
  return (
    <section className="card panel door-test" aria-label={words.title}>
      <h2>{words.title}</h2>
      <p className="quiet">{words.lead}</p>
      {door && at !== undefined ? (
        <>
          <p className="figure">{words.of(at + 1, all.length)}</p>
          <OneDoorTest
            key={door.id}
            lockerId={locker.id}
            door={door}
            over={result => next(at + 1, new Map(results).set(door.id, result))}
          />
          <Button onClick={() => setAt(undefined)}>{words.stop}</Button>
        </>
      ) : (
        <div className="acts">
          <Button onClick={() => next(0, new Map())}>{words.begin}</Button>
          {results.size > 0 && <span role="status">{words.over}</span>}
        </div>
      )}
      {results.size > 0 && <Results locker={locker} results={results} />}
    </section>
  )
}
