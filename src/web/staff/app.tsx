import { ConfigProvider } from 'antd'
import english from 'antd/locale/en_US'
import chinese from 'antd/locale/zh_CN'
import { lazy, Suspense, useEffect, useMemo, useState } from 'react'
import type { StaffMeJson, TodayJson, WorkListJson } from '../../gateway/http/api/staff.ts'
import { useData } from '../base/data.ts'
import { Icon } from '../base/icons.tsx'
import { Mark } from '../base/mark.tsx'
import { Trouble, Waiting } from '../base/parts.tsx'
import { go, useRoute } from '../base/route.ts'
import { choose, useSettings } from '../base/settings.ts'
import { useStream } from '../base/stream.ts'
import { useWords } from '../base/words.tsx'
import { ScanBox, Scans } from './scan.tsx'
import { ears, end, useStaff, useStandingAt, useTown } from './session.ts'
import { SignIn } from './sign-in.tsx'
import { Signal } from './signal.tsx'
import { setSound, soundIsOn } from './sound.ts'
import { useTheme } from './theme.ts'
import { WorkPage } from './work.tsx'

const Today = lazy(() => import('./today.tsx'))
const Lockers = lazy(() => import('./lockers.tsx'))
const LockerSetup = lazy(() => import('./locker-setup.tsx'))
const LineSetup = lazy(() => import('./line-setup.tsx'))
const DoorPage = lazy(() => import('./door-page.tsx'))
const DoorLabels = lazy(() => import('./locker-setup.tsx').then(m => ({ default: m.DoorLabels })))
const Links = lazy(() => import('./links.tsx'))
const ReportPage = lazy(() => import('./report.tsx'))
const Undone = lazy(() => import('./office.tsx').then(m => ({ default: m.Undone })))
const Audit = lazy(() => import('./office.tsx').then(m => ({ default: m.Audit })))
const PickList = lazy(() => import('./print.tsx').then(m => ({ default: m.PickList })))
const Labels = lazy(() => import('./print.tsx').then(m => ({ default: m.Labels })))

const lists = [
  'find',
  'pack',
  'send',
  'receive',
  'recover',
  'exceptions',
  'manual',
] as const satisfies readonly WorkListJson['list'][]
const places = ['today', ...lists, 'lockers', 'links', 'report', 'undone', 'audit'] as const
type Place = (typeof places)[number]

/** What each role may open; the server refuses the rest anyway. */
const mayOpen = (place: Place, role: StaffMeJson['role']): boolean => {
  if (place === 'report') return role !== 'librarian'
  if (place === 'audit') return role === 'auditor' || role === 'administrator'
  return role !== 'auditor'
}
const placesOf = (role: StaffMeJson['role']): readonly Place[] => places.filter(place => mayOpen(place, role))

const isList = (name: string): name is WorkListJson['list'] => (lists as readonly string[]).includes(name)

/** Alt and a digit go to a page, without leaving the scan box. */
const usePageKeys = (open: readonly Place[]): void => {
  useEffect(() => {
    const heard = (event: KeyboardEvent) => {
      const digit = /^Digit(\d)$/.exec(event.code)?.[1]
      if (!event.altKey || !digit) return
      const place = open[(Number(digit) + 9) % 10]
      if (!place) return
      event.preventDefault()
      go(`#/${place}`)
    }
    document.addEventListener('keydown', heard)
    return () => document.removeEventListener('keydown', heard)
  }, [open])
}

const Nav = ({ here, open }: { here: string; open: readonly Place[] }) => {
  const { t } = useWords()
  return (
    <nav className="nav no-print" aria-label={t.staff.title}>
      <ul>
        {open.map((place, at) => (
          <li key={place}>
            <a href={`#/${place}`} aria-current={here === place ? 'page' : undefined}>
              <span>{t.staff.nav[place]}</span>
              {at < 10 && <kbd title={`Alt ${(at + 1) % 10}`}>{(at + 1) % 10}</kbd>}
            </a>
          </li>
        ))}
      </ul>
    </nav>
  )
}

const counted = [
  ['find', 'toFind'],
  ['pack', 'toPack'],
  ['send', 'toSend'],
  ['receive', 'toReceive'],
  ['recover', 'toRecover'],
  ['exceptions', 'exceptions'],
] as const

/** The numbers at the top are links to the lines behind them. */
const Counts = () => {
  const { t } = useWords()
  const { data } = useData<TodayJson>('/api/staff/today')
  if (!data) return <div className="counts" />
  return (
    <ul className="counts no-print">
      {counted.map(([list, name]) => (
        <li key={list}>
          <a href={`#/${list}`} className={data.counts[name] > 0 ? '' : 'none'}>
            <span>{t.staff.counts[name]}</span>
            <strong className="figure">{data.counts[name]}</strong>
            {name === 'toFind' && data.counts.toFindLate > 0 && (
              <span className="risk late small">
                <Icon name="alert" size={18} />
                {t.staff.lateOf(data.counts.toFindLate)}
              </span>
            )}
          </a>
        </li>
      ))}
    </ul>
  )
}

/** Where the person stands: a return scanned here is received here. Only asked for where there is a choice. */
const Standing = ({ me }: { me: StaffMeJson }) => {
  const { t, w } = useWords()
  const town = useTown()
  const [at, stand] = useStandingAt()
  const all = town?.libraries.find(one => one.id === me.libraryId)?.branches ?? []
  const own = me.branches.length > 0 ? all.filter(branch => me.branches.includes(branch.id)) : all
  if (own.length < 2) return null
  return (
    <label className="standing">
      {t.staff.standAt}
      <select
        value={own.some(branch => branch.id === at) ? at : ''}
        onChange={event => stand(event.target.value)}
      >
        <option value="">{t.staff.anywhere}</option>
        {own.map(branch => (
          <option key={branch.id} value={branch.id}>
            {w(branch.name)}
          </option>
        ))}
      </select>
    </label>
  )
}

const Tools = ({ me }: { me: StaffMeJson }) => {
  const { t, w } = useWords()
  const { language } = useSettings()
  const town = useTown()
  const [sound, change] = useState(soundIsOn)
  const library = town?.libraries.find(one => one.id === me.libraryId)
  return (
    <div className="tools">
      <span>
        {library && w(library.name)} · {me.name}
      </span>
      <Standing me={me} />
      <button
        type="button"
        className="link"
        aria-pressed={sound}
        onClick={() => {
          setSound(!sound)
          change(!sound)
        }}
      >
        <Icon name={sound ? 'sound' : 'mute'} size={20} /> {sound ? t.staff.soundOn : t.staff.soundOff}
      </button>
      <button
        type="button"
        className="link"
        lang={language === 'zh' ? 'en' : 'zh-CN'}
        onClick={() => choose({ language: language === 'zh' ? 'en' : 'zh' })}
      >
        {t.otherLanguage}
      </button>
      <button type="button" className="link" onClick={() => void end()}>
        <Icon name="out" size={20} /> {t.signOut}
      </button>
    </div>
  )
}

const Shown = ({
  path,
  here,
  role,
}: {
  path: readonly string[]
  here: string
  role: StaffMeJson['role']
}) => {
  const name = here
  if (isList(name)) return <WorkPage key={name} list={name} />
  if (name === 'lockers' && path[1] && path[2]) return <DoorPage lockerId={path[1]} doorId={path[2]} />
  if (name === 'lockers') return path[1] ? <LockerSetup id={path[1]} /> : <Lockers role={role} />
  if (name === 'links') return <Links />
  if (name === 'report') return <ReportPage />
  if (name === 'undone') return <Undone mayRetry={role !== 'librarian'} />
  if (name === 'audit') return <Audit />
  if (name === 'print' && path[1] === 'doors') return <DoorLabels id={path[2] ?? ''} />
  if (name === 'print') return path[1] === 'labels' ? <Labels list={path[2] ?? 'send'} /> : <PickList />
  return <Today />
}

const Desk = ({ me }: { me: StaffMeJson }) => {
  const { t } = useWords()
  const route = useRoute()
  const open = useMemo(() => placesOf(me.role), [me.role])
  const here = route.path[0] ?? open[0] ?? 'today'
  usePageKeys(open)
  useStream('staff', ears)
  // Whoever has scanned the label of a door stands before it, mostly with a phone.
  const atDoor = here === 'lockers' && route.path[2] !== undefined
  // Whoever stands before a cabinet has one thing to do, on a small screen.
  if (here === 'line-setup' && me.role === 'administrator')
    return (
      <main className="alone">
        <Suspense fallback={<Waiting lines={10} />}>
          <LineSetup />
        </Suspense>
      </main>
    )
  return (
    <Scans>
      <header className="desk-top no-print">
        <a className="house" href="#/today">
          <Mark size={30} />
          <span className="serif">{t.name}</span>
        </a>
        <ScanBox />
        <Tools me={me} />
      </header>
      <Nav here={here} open={open} />
      <main>
        {!atDoor && (
          <div className="no-print">
            <Signal />
            {me.role !== 'auditor' && <Counts />}
          </div>
        )}
        <Suspense fallback={<Waiting lines={10} />}>
          <Shown path={route.path} here={here} role={me.role} />
        </Suspense>
      </main>
    </Scans>
  )
}

export const App = () => {
  const { language } = useWords()
  const staff = useStaff()
  return (
    <ConfigProvider
      theme={useTheme()}
      locale={language === 'zh' ? chinese : english}
      button={{ autoInsertSpace: false }}
    >
      {staff.signedIn && staff.data ? (
        <div className="desk">
          <Desk me={staff.data} />
        </div>
      ) : staff.busy ? (
        <Waiting lines={10} />
      ) : staff.problem && !staff.problem.signedOut ? (
        <Trouble problem={staff.problem} again={staff.again} />
      ) : (
        <SignIn />
      )}
    </ConfigProvider>
  )
}
