import { type ReactNode, useEffect, useRef, useState } from 'react'
import type { ActedHereJson, HereJson, MaybeHereJson } from '../../gateway/http/api/here.ts'
import { MainAct, QuietAct } from '../base/acts.tsx'
import { ApiProblem, post, remove } from '../base/api.ts'
import { every } from '../base/clock.ts'
import { put, refresh, useData } from '../base/data.ts'
import { Icon, type IconName } from '../base/icons.tsx'
import { Trouble, useTicking, Waiting } from '../base/parts.tsx'
import { go, goInstead, to, useRoute } from '../base/route.ts'
import { useSubmit } from '../base/submit.ts'
import { useWords } from '../base/words.tsx'
import './here.css'
import { useLibrary, useReader } from './session.ts'
import { Page } from './shell.tsx'

const path = '/api/me/here'
/** Between two looks at the door, and when nothing is open. */
const doorPoll = 1000
const quietPoll = 5000
/** For so long the same door may be opened once more. */
const againWindow = 180_000

type Visit = NonNullable<HereJson['visit']>
type Again = 'same-door' | 'other-door' | 'call-staff' | 'nothing-in' | 'wrong-item'

/** What was asked of the door last, and its answer in words where it was no. */
const useDoor = () => {
  const [said, setSaid] = useState<ActedHereJson['answer']>()
  const ask = useSubmit(async (_key, what: string, body: unknown) => {
    setSaid(undefined)
    const { answer, here } = await post<ActedHereJson>(`${path}/${what}`, body)
    put(path, { here } satisfies MaybeHereJson)
    setSaid(answer)
    return true
  })
  return { ...ask, said }
}
type Door = ReturnType<typeof useDoor>

const Titles = ({ titles }: { titles: readonly string[] }) => (
  <ul className="here-titles">
    {titles.map(title => (
      <li key={title} className="title">
        《{title}》
      </li>
    ))}
  </ul>
)

const Panel = (props: {
  kind: 'open' | 'good' | 'bad'
  icon: IconName
  title: string
  children?: ReactNode
}) => {
  const heading = useRef<HTMLHeadingElement>(null)
  // biome-ignore lint/correctness/useExhaustiveDependencies: what the door does now is said aloud
  useEffect(() => heading.current?.focus({ preventScroll: true }), [props.title])
  return (
    <section className={`card here-door ${props.kind}`} role={props.kind === 'bad' ? 'alert' : 'status'}>
      <Icon name={props.icon} size={44} />
      <h2 ref={heading} tabIndex={-1} className="serif">
        {props.title}
      </h2>
      {props.children}
    </section>
  )
}

const AgainActs = ({ visit, door, acts }: { visit: Visit; door: Door; acts: readonly Again[] }) => {
  const { t } = useWords()
  return (
    <div className="here-acts">
      {acts.map(how => (
        <QuietAct key={how} busy={door.busy} onClick={() => door.run('again', { visit: visit.id, how })}>
          {t.reader.here.again[how]}
        </QuietAct>
      ))}
    </div>
  )
}

const Open = ({ visit, door }: { visit: Visit; door: Door }) => {
  const { t } = useWords()
  const words = t.reader.here
  const giving = visit.errand === 'return'
  return (
    <Panel kind="open" icon="locker" title={words.opened(visit.label)}>
      <Titles titles={visit.titles} />
      <p>{giving ? words.putIn : words.takeOut}</p>
      {visit.door === 'unknown' && (
        <MainAct busy={door.busy} onClick={() => door.run('confirm', { visit: visit.id })}>
          {words.closedIt}
        </MainAct>
      )}
      <AgainActs
        visit={visit}
        door={door}
        acts={giving ? ['other-door', 'nothing-in'] : visit.errand === 'collect' ? ['wrong-item'] : []}
      />
    </Panel>
  )
}

const Jammed = ({ visit, door }: { visit: Visit; door: Door }) => {
  const { t, w } = useWords()
  const words = t.reader.here
  return (
    <Panel kind="bad" icon="alert" title={words.jammed(visit.label)}>
      <p>{w(visit.say)}</p>
      <MainAct busy={door.busy} onClick={() => door.run('again', { visit: visit.id, how: 'same-door' })}>
        {words.tryAgain}
      </MainAct>
      <AgainActs
        visit={visit}
        door={door}
        acts={visit.errand === 'return' ? ['other-door', 'call-staff'] : ['call-staff']}
      />
    </Panel>
  )
}

const Over = ({ visit, door }: { visit: Visit; door: Door }) => {
  const { w } = useWords()
  const at = useTicking(5000)
  const recent = visit.endedAt !== null && at - Date.parse(visit.endedAt) < againWindow
  if (!recent) return null
  return (
    <Panel kind={visit.done ? 'good' : 'bad'} icon={visit.done ? 'yes' : 'alert'} title={w(visit.say)}>
      <Titles titles={visit.titles} />
      {visit.done && visit.errand !== 'again' && (
        <AgainActs
          visit={visit}
          door={door}
          acts={visit.errand === 'collect' ? ['same-door', 'wrong-item'] : ['same-door']}
        />
      )}
    </Panel>
  )
}

const DoorNow = ({ visit, door }: { visit: Visit; door: Door }) => {
  const { t, w } = useWords()
  switch (visit.state) {
    case 'opening':
      return <Panel kind="open" icon="clock" title={w(visit.say)} />
    case 'open':
      return <Open visit={visit} door={door} />
    case 'jammed':
      return <Jammed visit={visit} door={door} />
    case 'unclear':
      return (
        <Panel kind="bad" icon="alert" title={t.reader.here.unclear}>
          <p>{w(visit.say)}</p>
          <AgainActs visit={visit} door={door} acts={['same-door', 'call-staff']} />
        </Panel>
      )
    case 'over':
      return <Over visit={visit} door={door} />
  }
}

const Parcels = ({ here, door }: { here: HereJson; door: Door }) => {
  const { t } = useWords()
  const words = t.reader.here
  if (here.parcels.length === 0) return null
  return (
    <section aria-labelledby="here-inside">
      <h2 id="here-inside">{words.inside}</h2>
      <ul className="here-list">
        {here.parcels.map(({ parcel, label, titles }, at) => {
          const open = () => void door.run('open', { parcel })
          return (
            <li key={parcel} className="card">
              <Titles titles={titles} />
              {at === 0 ? (
                <MainAct busy={door.busy} onClick={open}>
                  {words.open(label)}
                </MainAct>
              ) : (
                <QuietAct busy={door.busy} onClick={open}>
                  {words.open(label)}
                </QuietAct>
              )}
            </li>
          )
        })}
      </ul>
    </section>
  )
}

const Loans = ({ here, door }: { here: HereJson; door: Door }) => {
  const { t } = useWords()
  const words = t.reader.here
  if (here.loans.length === 0) return null
  return (
    <section aria-labelledby="here-loans">
      <h2 id="here-loans">{words.giveBack}</h2>
      <ul className="card rows">
        {here.loans.map(({ orderId, lineId, title }) => (
          <li key={lineId} className="here-loan">
            <span className="title">《{title}》</span>
            <QuietAct
              busy={door.busy}
              label={words.returnOf(title)}
              onClick={() => door.run('return', { orderId, lineId })}
            >
              {words.returnThis}
            </QuietAct>
          </li>
        ))}
      </ul>
    </section>
  )
}

const AtLocker = ({ here }: { here: HereJson }) => {
  const { t, w } = useWords()
  const words = t.reader.here
  const door = useDoor()
  const { visit, locker } = here
  const standing = visit !== null && visit.state !== 'over'
  useEffect(() => every(standing ? doorPoll : quietPoll, () => refresh(path)), [standing])
  const leave = useSubmit(async () => {
    await remove(path)
    put(path, { here: null } satisfies MaybeHereJson)
    refresh('/api/orders', '/api/me')
    go('#/')
    return true
  })
  const { said } = door
  return (
    <div className="here">
      <p className="here-place">
        <Icon name="locker" />
        <span>
          <strong>{w(locker.name)}</strong>
          <span className="block small quiet">{locker.place}</span>
        </span>
      </p>
      {!locker.online && <p className="note">{words.offline(locker.phone)}</p>}
      {door.problem && <Trouble problem={door.problem} />}
      {said?.signal === 'no' && (
        <div className="trouble" role="alert">
          <Icon name="alert" />
          <strong>{w(said.say)}</strong>
        </div>
      )}
      {said?.signal === 'done' && (
        <p className="note" role="status">
          {w(said.say)}
        </p>
      )}
      {visit && <DoorNow visit={visit} door={door} />}
      {!standing && <Parcels here={here} door={door} />}
      {!standing && <Loans here={here} door={door} />}
      {here.parcels.length === 0 && here.loans.length === 0 && visit === null && (
        <p className="note">{words.nothing}</p>
      )}
      {!standing && (
        <QuietAct busy={leave.busy} onClick={() => leave.run()}>
          {words.leave}
        </QuietAct>
      )}
      <p className="small quiet">
        {words.trouble} <a href={`tel:${locker.phone}`}>{locker.phone}</a>
      </p>
    </div>
  )
}

/** Before a cabinet without having scanned its screen just now: what to do. Nothing here opens a door. */
const HowTo = ({
  lockerId,
  problem,
}: {
  lockerId?: string | undefined
  problem?: ApiProblem | undefined
}) => {
  const { t, w } = useWords()
  const words = t.reader.here
  const { libraries } = useLibrary()
  const reader = useReader()
  const library = libraries.find(one => one.lockers.some(locker => locker.id === lockerId))
  const locker = library?.lockers.find(one => one.id === lockerId)
  return (
    <div className="here">
      {locker && (
        <p className="here-place">
          <Icon name="locker" />
          <span>
            <strong>{w(locker.name)}</strong>
            <span className="block small quiet">{locker.place}</span>
          </span>
        </p>
      )}
      {problem && <Trouble problem={problem} />}
      <ol className="card here-how">
        <li>
          <Icon name="scan" />
          <span>
            <strong>{words.scan}</strong>
            <span className="block small quiet">{words.scanText}</span>
          </span>
        </li>
        <li>
          <Icon name="book" />
          <span>
            <strong>{words.type}</strong>
            <span className="block small quiet">{words.typeText}</span>
          </span>
        </li>
      </ol>
      {reader.signedIn ? (
        <a className="main-link" href="#/orders">
          {words.myCodes}
        </a>
      ) : (
        <a className="main-link" href={to('login', { next: '#/orders' })}>
          {t.reader.signIn}
        </a>
      )}
      {library && (
        <p className="small quiet">
          {words.trouble} <a href={`tel:${library.phone}`}>{library.phone}</a>
        </p>
      )}
    </div>
  )
}

/** A code of a screen came with the address: it is told once, and wiped from the address. */
const Arriving = ({ code }: { code: string }) => {
  const told = useRef(false)
  const [problem, setProblem] = useState<ApiProblem>()
  useEffect(() => {
    if (told.current) return
    told.current = true
    post<MaybeHereJson>(path, { code })
      .then(known => {
        put(path, known)
        goInstead('#/here')
      })
      .catch((thrown: unknown) => {
        if (!(thrown instanceof ApiProblem)) throw thrown
        setProblem(thrown)
      })
  }, [code])
  if (!problem) return <Waiting lines={6} />
  return <HowTo lockerId={code.split('.')[1]} problem={problem} />
}

const Standing = ({ lockerId }: { lockerId: string | undefined }) => {
  const known = useData<MaybeHereJson>(path)
  const here = known.data?.here
  if (here && (lockerId === undefined || here.locker.id === lockerId)) return <AtLocker here={here} />
  if (known.data === undefined && !known.problem) return <Waiting lines={6} />
  return <HowTo lockerId={lockerId} problem={known.problem?.signedOut ? undefined : known.problem} />
}

const Visitor = ({ children }: { children: ReactNode }) => {
  const { t } = useWords()
  const { hash } = useRoute()
  const words = t.reader.here
  return (
    <div className="here">
      <p className="note">{words.signInFirst}</p>
      <a className="main-link" href={to('login', { next: hash })}>
        {t.reader.signIn}
      </a>
      {children}
    </div>
  )
}

/**
 * `here/{code}`: scanned from a cabinet's screen. `here`: standing there. `at/{id}`: scanned from the
 * label of a cabinet or a door, which proves nothing.
 */
export default function Here() {
  const { t } = useWords()
  const { path: at } = useRoute()
  const reader = useReader()
  const labelled = at[0] === 'at' ? at[1] : undefined
  const code = at[0] === 'here' ? at[1] : undefined
  const content = () => {
    if (reader.busy && !reader.data) return <Waiting lines={6} />
    if (code !== undefined && reader.signedIn) return <Arriving key={code} code={code} />
    if (code !== undefined) return <Visitor>{null}</Visitor>
    if (!reader.signedIn) return <HowTo lockerId={labelled} />
    return <Standing lockerId={labelled} />
  }
  return <Page title={t.reader.here.title}>{content()}</Page>
}
