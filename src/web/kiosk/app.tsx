import { useCallback, useEffect, useRef, useState } from 'react'
import type { KioskAnswerJson, KioskStateJson } from '../../gateway/http/api/staff.ts'
import { QuietAct } from '../base/acts.tsx'
import { post } from '../base/api.ts'
import { every } from '../base/clock.ts'
import { refresh, useData } from '../base/data.ts'
import { Icon, type IconName } from '../base/icons.tsx'
import { Mark } from '../base/mark.tsx'
import { Trouble } from '../base/parts.tsx'
import { sayClock } from '../base/say.ts'
import { choose, useSettings } from '../base/settings.ts'
import { useSubmit } from '../base/submit.ts'
import { useWords } from '../base/words.tsx'
import { useIdle } from './countdown.tsx'
import { CodePad, ScanPad, useHomeScanner } from './keys.tsx'
import { PhoneCorner, Served, usePhoneCorner } from './phone.tsx'
import { type Errand, Visit } from './visit.tsx'

/** One question a screen. */
type Screen =
  | { readonly at: 'home' | 'help' | 'badge' }
  /** `scanned`: read on the home screen, and asked at once. */
  | { readonly at: 'collect' | 'return'; readonly scanned?: string }
  | { readonly at: 'parcel'; readonly badge: string }
  | { readonly at: 'visit'; readonly errand: Errand; readonly answer: KioskAnswerJson }

const statePath = '/api/kiosk/state'

/** QR codes of pick-ups say that they are; whatever else a scanner reads is a book. */
const isPickUp = (code: string): boolean => code.startsWith('SQ1.')

const Choice = (props: { icon: IconName; name: string; text: string; act: () => void; main?: boolean }) => (
  <button type="button" className={props.main ? 'choice main' : 'choice'} onClick={props.act}>
    <Icon name={props.icon} size={72} />
    <span className="choice-name">{props.name}</span>
    <span className="choice-text">{props.text}</span>
  </button>
)

const Home = (props: {
  closesAt: string | null
  phones: ReturnType<typeof usePhoneCorner>
  show: (at: 'collect' | 'return' | 'help') => void
  scanned: (code: string) => void
}) => {
  const { t } = useWords()
  const { show, closesAt } = props
  useHomeScanner(props.scanned)
  return (
    <div className="home">
      {closesAt !== null && (
        <p className="closes" role="status">
          <Icon name="clock" />
          <span>{t.kiosk.closesAt(sayClock(closesAt))}</span>
        </p>
      )}
      <section className="choices" aria-label={t.kiosk.home}>
        <h1 className="hidden" tabIndex={-1}>
          {t.kiosk.page}
        </h1>
        <Choice
          main
          icon="book"
          name={t.kiosk.collect}
          text={t.kiosk.collectText}
          act={() => show('collect')}
        />
        <Choice icon="scan" name={t.kiosk.giveBack} text={t.kiosk.giveBackText} act={() => show('return')} />
        <Choice icon="person" name={t.kiosk.help} text={t.kiosk.helpText} act={() => show('help')} />
      </section>
      <PhoneCorner {...props.phones} />
    </div>
  )
}

interface Question {
  readonly visit: (errand: Errand, answer: KioskAnswerJson) => void
  readonly scanned?: string | undefined
}

/** What was scanned on the home screen is asked once, without another touch. */
const useScanned = (scanned: string | undefined, submit: (code: string) => Promise<void>): void => {
  const asked = useRef(false)
  useEffect(() => {
    if (scanned === undefined || asked.current) return
    asked.current = true
    void submit(scanned)
  })
}

const Collect = ({ visit, scanned }: Question) => {
  const { t } = useWords()
  const ask = useSubmit((_key, code: string) => post<KioskAnswerJson>('/api/kiosk/collect', { code }))
  const submit = async (code: string) => {
    const answer = await ask.run(code)
    if (answer) visit('collect', answer)
  }
  useScanned(scanned, submit)
  return (
    <section className="two">
      <div>
        <h1 tabIndex={-1}>{t.kiosk.askCode}</h1>
        <p>{t.kiosk.askCodeText}</p>
        {ask.problem && <Trouble problem={ask.problem} />}
      </div>
      <CodePad busy={ask.busy} submit={submit} />
    </section>
  )
}

const GiveBack = ({ visit, scanned }: Question) => {
  const { t } = useWords()
  const ask = useSubmit((_key, code: string) => post<KioskAnswerJson>('/api/kiosk/return', { code }))
  const submit = async (code: string) => {
    const answer = await ask.run(code)
    if (answer) visit('return', answer)
  }
  useScanned(scanned, submit)
  return (
    <section className="one">
      <h1 tabIndex={-1}>{t.kiosk.askBook}</h1>
      <p>{t.kiosk.askBookText}</p>
      {ask.problem && <Trouble problem={ask.problem} />}
      <ScanPad label={t.kiosk.askBook} busy={ask.busy} submit={submit} />
    </section>
  )
}

const Badge = ({ know }: { know: (badge: string) => void }) => {
  const { t } = useWords()
  return (
    <section className="one">
      <h1 tabIndex={-1}>{t.kiosk.askBadge}</h1>
      <ScanPad key="badge" label={t.kiosk.badge} busy={false} submit={know} />
    </section>
  )
}

const Parcel = ({ badge, visit }: Question & { badge: string }) => {
  const { t } = useWords()
  const ask = useSubmit((_key, code: string) => post<KioskAnswerJson>('/api/kiosk/deposit', { badge, code }))
  return (
    <section className="one">
      <h1 tabIndex={-1}>{t.kiosk.askParcel}</h1>
      {ask.problem && <Trouble problem={ask.problem} />}
      <ScanPad
        key="parcel"
        label={t.kiosk.askParcel}
        busy={ask.busy}
        submit={async code => {
          const answer = await ask.run(code)
          if (answer) visit('deposit', answer)
        }}
      />
    </section>
  )
}

const Help = (props: {
  locker: KioskStateJson['locker']
  staffDoor: () => void
  scanned: (code: string) => void
}) => {
  const { locker, staffDoor } = props
  const { t, w } = useWords()
  useHomeScanner(props.scanned)
  return (
    <section className="one">
      <h1 tabIndex={-1}>{t.kiosk.helpTitle}</h1>
      <p>{t.kiosk.helpPhone}</p>
      <p className="phone figure">{locker.phone}</p>
      <p className="quiet">
        {t.kiosk.helpWhere} {w(locker.name)}
      </p>
      <QuietAct onClick={staffDoor}>{t.kiosk.staffDoor}</QuietAct>
    </section>
  )
}

const Bar = ({ name, home }: { name: string | undefined; home: (() => void) | undefined }) => {
  const { t } = useWords()
  const { language, large } = useSettings()
  return (
    <header className="bar">
      <span className="house">
        <Mark size={40} />
        <span className="serif">{name ?? t.name}</span>
      </span>
      <span className="tools">
        <button
          type="button"
          className="bar-act"
          lang={language === 'zh' ? 'en' : 'zh-CN'}
          onClick={() => choose({ language: language === 'zh' ? 'en' : 'zh' })}
        >
          {t.otherLanguage}
        </button>
        <button
          type="button"
          className="bar-act"
          aria-pressed={large}
          onClick={() => choose({ large: !large })}
        >
          {large ? t.kiosk.plainType : t.kiosk.largeType}
        </button>
        {home && (
          <button type="button" className="bar-act" onClick={home}>
            <Icon name="back" />
            {t.kiosk.back}
          </button>
        )}
      </span>
    </header>
  )
}

/** The way out of a dead end: the screen that was never registered, or that lost its library. */
const Dead = ({ title, text }: { title: string; text: string }) => (
  <section className="one bad" role="alert">
    <Icon name="alert" size={88} />
    <h1>{title}</h1>
    <p>{text}</p>
  </section>
)

const Standing = ({ known }: { known: KioskStateJson }) => {
  const { t, w } = useWords()
  const [screen, setScreen] = useState<Screen>({ at: 'home' })
  const home = () => {
    setScreen({ at: 'home' })
    choose({ large: false })
    refresh(statePath)
  }
  useEffect(() => every(60_000, () => refresh(statePath)), [])
  const question = screen.at !== 'home' && screen.at !== 'visit'
  const idle = useIdle(question, home)
  const visit = (errand: Errand, answer: KioskAnswerJson) => setScreen({ at: 'visit', errand, answer })
  const scanned = useCallback(
    (code: string) => setScreen({ at: isPickUp(code) ? 'collect' : 'return', scanned: code }),
    [],
  )
  const phones = usePhoneCorner()
  const { served } = phones.corner ?? {}
  useArrivalFocus(screen)
  return (
    <>
      <Bar name={w(known.locker.name)} home={question ? home : undefined} />
      {served && screen.at !== 'home' && <Served served={served} />}
      <main>
        {screen.at === 'home' && (
          <Home
            closesAt={known.locker.closesAt}
            phones={phones}
            show={at => setScreen({ at })}
            scanned={scanned}
          />
        )}
        {screen.at === 'collect' && <Collect visit={visit} scanned={screen.scanned} />}
        {screen.at === 'return' && <GiveBack visit={visit} scanned={screen.scanned} />}
        {screen.at === 'help' && (
          <Help locker={known.locker} staffDoor={() => setScreen({ at: 'badge' })} scanned={scanned} />
        )}
        {screen.at === 'badge' && <Badge know={badge => setScreen({ at: 'parcel', badge })} />}
        {screen.at === 'parcel' && <Parcel badge={screen.badge} visit={visit} />}
        {screen.at === 'visit' && (
          <Visit
            key={`${screen.answer.visit}${screen.answer.signal}${screen.answer.compartment?.id}`}
            errand={screen.errand}
            answer={screen.answer}
            home={home}
            scanned={scanned}
            retry={
              screen.errand === 'deposit'
                ? undefined
                : () => setScreen({ at: screen.errand as 'collect' | 'return' })
            }
            next={answer => visit(screen.errand, answer)}
          />
        )}
      </main>
      {idle.asks && (
        <div className="still-here" role="status">
          <span>
            {t.kiosk.stillHere} {t.kiosk.seconds(Math.max(0, idle.left))}
          </span>
          <QuietAct>{t.kiosk.stay}</QuietAct>
        </div>
      )}
    </>
  )
}

/** A new screen is announced by its heading. */
const useArrivalFocus = (screen: Screen): void => {
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new screen is the event
  useEffect(() => {
    document.querySelector<HTMLElement>('h1')?.focus()
  }, [screen])
}

export const App = ({ registered }: { registered: boolean }) => {
  const { t } = useWords()
  const state = useData<KioskStateJson>(registered ? statePath : null)
  const refused = state.problem?.problem.status === 401 || state.problem?.problem.status === 403
  if (!registered || refused)
    return (
      <>
        <Bar name={undefined} home={undefined} />
        <main>
          <Dead title={t.kiosk.noKey} text={t.kiosk.noKeyText} />
        </main>
      </>
    )
  if (state.data) return <Standing known={state.data} />
  return (
    <>
      <Bar name={undefined} home={undefined} />
      <main>
        {state.problem && <Dead title={t.kiosk.offline} text={t.kiosk.offlineText} />}
        {state.problem && <QuietAct onClick={state.again}>{t.again}</QuietAct>}
      </main>
    </>
  )
}
