import { type ReactNode, useEffect, useRef, useState } from 'react'
import type { TownJson } from '../../gateway/http/api/open.ts'
import type { KioskAnswerJson, KioskStateJson } from '../../gateway/http/api/staff.ts'
import { MainAct, QuietAct } from '../base/acts.tsx'
import { ApiProblem, get, post } from '../base/api.ts'
import { after, every } from '../base/clock.ts'
import { useData } from '../base/data.ts'
import { Icon } from '../base/icons.tsx'
import { Trouble } from '../base/parts.tsx'
import { useSubmit } from '../base/submit.ts'
import { useWords } from '../base/words.tsx'
import { Cabinet } from './cabinet.tsx'
import { Countdown } from './countdown.tsx'
import { useHomeScanner } from './keys.tsx'

/** What a person came for; decides what is said beside the open door. */
export type Errand = 'collect' | 'return' | 'deposit'

interface Visiting {
  readonly errand: Errand
  readonly answer: KioskAnswerJson
  readonly home: () => void
  /** A scan while nobody is at an open door begins what comes next. */
  readonly scanned: (code: string) => void
  /** The same question once more; undefined where it is another person's turn. */
  readonly retry: (() => void) | undefined
  readonly next: (answer: KioskAnswerJson) => void
}

const doorPoll = 1000

/** Looks at the visit's door every second until the visit is over. */
const useVisit = (visit: string | null): KioskStateJson | undefined => {
  const [state, setState] = useState<KioskStateJson>()
  const finished = state?.visit?.finished ?? false
  useEffect(() => {
    if (finished) return undefined
    let here = true
    const look = () => {
      const path = visit ? `/api/kiosk/state?visit=${encodeURIComponent(visit)}` : '/api/kiosk/state'
      get<KioskStateJson>(path)
        .then(known => here && setState(known))
        .catch((thrown: unknown) => {
          if (!(thrown instanceof ApiProblem)) throw thrown
        })
    }
    look()
    const stop = every(doorPoll, look)
    return () => {
      here = false
      stop()
    }
  }, [visit, finished])
  return state
}

const Titles = ({ titles }: { titles: readonly string[] }) => (
  <ul className="titles">
    {titles.map(title => (
      <li key={title} className="title">
        《{title}》
      </li>
    ))}
  </ul>
)

/** Where no board tells, and in the demo where there is no cabinet, a person says that the door is closed. */
const CloseHelp = ({ visit, tells }: { visit: string; tells: boolean }) => {
  const { t } = useWords()
  const { data: town } = useData<TownJson>('/api/town')
  const confirm = useSubmit((_key, _visit: string) => post<unknown>('/api/kiosk/confirm', { visit }))
  const hand = useSubmit((_key, _visit: string) => post<unknown>('/api/demo/hand', { visit }))
  return (
    <>
      {!tells && (
        <MainAct busy={confirm.busy} onClick={() => confirm.run(visit)}>
          {t.kiosk.closeIt}
        </MainAct>
      )}
      {town?.demo && (
        <div className="demo">
          <QuietAct busy={hand.busy} onClick={() => hand.run(visit)}>
            {t.kiosk.demoClose}
          </QuietAct>
          <p className="quiet small">{t.kiosk.demoTake}</p>
        </div>
      )}
      {(confirm.problem ?? hand.problem) && <Trouble problem={(confirm.problem ?? hand.problem)!} />}
    </>
  )
}

type Again = 'same-door' | 'other-door' | 'call-staff' | 'nothing-in' | 'wrong-item'

const useAgain = (visit: string | null, next: (answer: KioskAnswerJson) => void) => {
  const again = useSubmit((_key, how: Again) => post<KioskAnswerJson>('/api/kiosk/again', { visit, how }))
  const choose = async (how: Again) => {
    const told = await again.run(how)
    if (told) next(told)
  }
  return { ...again, choose }
}

/** Before the open door: what may not be as it should. */
const NotAsItShould = ({ errand, answer, next }: Visiting) => {
  const { t } = useWords()
  const again = useAgain(answer.visit, next)
  const act = (how: Again, name: string) => (
    <QuietAct busy={again.busy} onClick={() => again.choose(how)}>
      {name}
    </QuietAct>
  )
  return (
    <div className="stack">
      {again.problem && <Trouble problem={again.problem} />}
      {errand === 'collect' ? (
        act('wrong-item', t.kiosk.notMine)
      ) : (
        <>
          {act('other-door', t.kiosk.tooSmall)}
          {act('nothing-in', t.kiosk.notNow)}
        </>
      )}
    </div>
  )
}

/** A scan before an open door is nobody's wish, and its Enter presses no button. */
const ignore = () => {}

/** Long enough for whoever stands at a door that does not tell, or that nobody can ask about. */
const unseen = 180
/** Until the screen reminds of a door that stands open. */
const reminded = 60

/** True once somebody has stood at the open door for a while. */
const useLate = (seconds: number): boolean => {
  const [late, setLate] = useState(false)
  useEffect(() => after(seconds * 1000, () => setLate(true)), [seconds])
  return late
}

const OpenDoor = (visiting: Visiting) => {
  const { errand, answer, home, scanned } = visiting
  const { w } = useWords()
  const state = useVisit(answer.visit)
  const visit = state?.visit
  if (visit?.finished)
    return (
      <Over say={w(visit.say)} home={home} scanned={scanned} seconds={errand === 'collect' ? 20 : 8}>
        <OpenAgain {...visiting} />
      </Over>
    )
  return <Standing {...visiting} state={state} />
}

/** Nobody is sent away from an open door: the screen goes home by itself only where no door can be seen. */
const Standing = ({ state, ...visiting }: Visiting & { state: KioskStateJson | undefined }) => {
  const { errand, answer, home } = visiting
  const { t } = useWords()
  const visit = state?.visit
  const late = useLate(reminded)
  useHomeScanner(ignore)
  const label = answer.compartment?.label ?? ''
  return (
    <section className="two">
      <div>
        <h1 tabIndex={-1}>{t.kiosk.opened(label)}</h1>
        <Titles titles={answer.titles} />
        <p>{errand === 'collect' ? t.kiosk.takeOut : t.kiosk.putIn}</p>
        {answer.visit && <CloseHelp visit={answer.visit} tells={visit?.door !== 'unknown'} />}
        {answer.visit && <NotAsItShould {...visiting} />}
        {late && visit?.door === 'open' && (
          <p className="closes" role="status">
            <Icon name="alert" />
            <span>{t.kiosk.pleaseShut(label)}</span>
          </p>
        )}
        {late && <QuietAct onClick={home}>{t.kiosk.home}</QuietAct>}
        {visit?.door !== 'open' && visit?.door !== 'closed' && <Countdown seconds={unseen} then={home} />}
      </div>
      {state && <Cabinet compartments={state.compartments} openId={answer.compartment?.id} />}
    </section>
  )
}

/** Something left inside? For a while the same person may open the same door again. */
const OpenAgain = ({ errand, answer, next }: Visiting) => {
  const { t } = useWords()
  const again = useAgain(answer.visit, next)
  if (errand === 'deposit') return null
  return (
    <>
      {again.problem && <Trouble problem={again.problem} />}
      <QuietAct busy={again.busy} onClick={() => again.choose('same-door')}>
        {t.kiosk.openAgain}
      </QuietAct>
    </>
  )
}

/** Done: says so, counts down, clears. */
export const Over = (props: {
  say: string
  home: () => void
  scanned: (code: string) => void
  seconds?: number
  children?: ReactNode
}) => {
  const { say, home } = props
  const { t } = useWords()
  useHomeScanner(props.scanned)
  return (
    <section className="one good" role="status">
      <Icon name="yes" size={96} />
      <h1 tabIndex={-1}>{t.kiosk.thanks}</h1>
      <p>{say}</p>
      <div className="stack">
        <QuietAct onClick={home}>{t.kiosk.home}</QuietAct>
        {props.children}
      </div>
      <Countdown seconds={props.seconds ?? 8} then={home} />
    </section>
  )
}

/** "3 号门没有打开，再试一次 / 换一个门 / 叫馆员": another door only where the book is not behind this one. */
const Jammed = ({ errand, answer, home, next }: Visiting) => {
  const { t, w } = useWords()
  const again = useAgain(answer.visit, next)
  const { choose } = again
  useHomeScanner(ignore)
  const label = answer.compartment?.label
  return (
    <section className="one bad" role="alert">
      <Icon name="alert" size={88} />
      <h1 tabIndex={-1}>{label ? t.kiosk.jammed(label) : t.kiosk.jammedPlain}</h1>
      <p>{w(answer.say)}</p>
      {again.problem && <Trouble problem={again.problem} />}
      <div className="stack">
        <MainAct busy={again.busy} onClick={() => choose('same-door')}>
          {t.kiosk.tryAgain}
        </MainAct>
        {errand !== 'collect' && (
          <QuietAct onClick={() => choose('other-door')}>{t.kiosk.otherDoor}</QuietAct>
        )}
        <QuietAct onClick={() => choose('call-staff')}>{t.kiosk.callStaff}</QuietAct>
      </div>
      <Countdown seconds={90} then={home} />
    </section>
  )
}

const Refused = ({ answer, home, scanned, retry }: Visiting) => {
  const { t, w } = useWords()
  useHomeScanner(scanned)
  return (
    <section className="one bad" role="alert">
      <Icon name="no" size={88} />
      <h1 tabIndex={-1}>{t.kiosk.notFound}</h1>
      <p>{w(answer.say)}</p>
      <div className="stack">
        {retry && <MainAct onClick={retry}>{t.kiosk.onceMore}</MainAct>}
        {retry ? (
          <QuietAct onClick={home}>{t.kiosk.home}</QuietAct>
        ) : (
          <MainAct onClick={home}>{t.kiosk.home}</MainAct>
        )}
      </div>
      <Countdown seconds={20} then={home} />
    </section>
  )
}

/** Something was settled with words; where the door stands open still, that is not over until it is shut. */
const Settled = ({ answer, home, scanned }: Visiting) => {
  const { t, w } = useWords()
  const state = useVisit(answer.visit)
  const stood = useRef(false)
  const late = useLate(reminded)
  const visit = state?.visit
  const open = answer.visit !== null && visit?.finished === false && visit.door === 'open'
  stood.current ||= open
  if (answer.visit === null || !stood.current)
    return <Over say={w(answer.say)} home={home} scanned={scanned} seconds={20} />
  if (visit?.finished) return <Over say={w(visit.say)} home={home} scanned={scanned} seconds={20} />
  return (
    <section className="two" role="status">
      <div>
        <h1 tabIndex={-1}>{t.kiosk.shutNow(answer.compartment?.label ?? '')}</h1>
        <p>{w(answer.say)}</p>
        <CloseHelp visit={answer.visit} tells={visit?.door !== 'unknown'} />
        {late && <QuietAct onClick={home}>{t.kiosk.home}</QuietAct>}
      </div>
      {state && <Cabinet compartments={state.compartments} openId={answer.compartment?.id} />}
    </section>
  )
}

/** What the cabinet answered, and what to do now. */
export const Visit = (visiting: Visiting) => {
  const { signal } = visiting.answer
  if (signal === 'open') return <OpenDoor {...visiting} />
  if (signal === 'jammed') return <Jammed {...visiting} />
  return signal === 'done' ? <Settled {...visiting} /> : <Refused {...visiting} />
}
