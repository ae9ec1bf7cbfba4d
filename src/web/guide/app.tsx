import { useEffect, useRef, useState } from 'react'
import type { DemoJson } from '../../gateway/http/api/demo.ts'
import type { TownJson } from '../../gateway/http/api/open.ts'
import { MainAct, QuietAct } from '../base/acts.tsx'
import { learnNow, now } from '../base/clock.ts'
import { useData } from '../base/data.ts'
import { Icon } from '../base/icons.tsx'
import { Mark } from '../base/mark.tsx'
import { Trouble, useTicking, Waiting } from '../base/parts.tsx'
import { scanIn } from '../base/scanner.ts'
import { choose, useSettings } from '../base/settings.ts'
import { useSubmit } from '../base/submit.ts'
import { useWords } from '../base/words.tsx'
import { doStep, logIn, ordersNow } from './acts.ts'
import { type Progress, useProgress } from './progress.ts'
import { type Frames, Stage } from './stage.tsx'
import { type Step, stageOf, steps, stepsDone, wentWrong } from './tour.ts'

const Clock = ({ since, until }: { since: number; until: number | undefined }) => {
  const { t } = useWords()
  const time = useTicking(1000)
  return (
    <p className="quiet small figure">
      {t.guide.time(Math.max(0, Math.round(((until ?? time) - since) / 1000)))}
    </p>
  )
}

interface Touring {
  readonly demo: DemoJson
  readonly progress: Progress
  readonly frames: React.RefObject<Frames>
  readonly show: (stage: Frames['shown']) => void
}

/** What one needs in hand for the step: the code to type, the barcode to scan. */
const InHand = ({ step, touring }: { step: Step; touring: Touring }) => {
  const { t } = useWords()
  const { line, code } = touring.progress
  if (step === 'collect' && code)
    return (
      <p>
        {t.guide.code} <strong className="figure code">{code}</strong>
      </p>
    )
  const barcode = line?.barcode
  if (step === 'order' || step === 'collect' || !barcode) return null
  const stage = stageOf[step]
  return (
    <QuietAct
      onClick={() => {
        touring.show(stage)
        scanIn(() => touring.frames.current.windows[stage], barcode)
      }}
    >
      {t.guide.scanFor(barcode)}
    </QuietAct>
  )
}

const Current = ({ step, touring }: { step: Step; touring: Touring }) => {
  const { t } = useWords()
  const { demo, progress } = touring
  const act = useSubmit(async (_key, wanted: Step) => {
    await doStep(wanted, { demo, order: progress.order, line: progress.line })
    return true
  })
  const words = t.guide.steps[step]
  const text = step === 'order' ? t.guide.steps.order.text(demo.book.title) : t.guide.steps[step].text
  return (
    <div className="current">
      <p className="quiet small">{words.who}</p>
      <p>{text}</p>
      <div className="row">
        <InHand step={step} touring={touring} />
        <button
          type="button"
          className="link"
          disabled={act.busy}
          onClick={async () => {
            if (await act.run(step)) progress.look()
          }}
        >
          {t.guide.doForMe}
        </button>
      </div>
      {act.problem && <Trouble problem={act.problem} />}
    </div>
  )
}

const Steps = ({ done, touring }: { done: number; touring: Touring }) => {
  const { t } = useWords()
  return (
    <ol className="steps">
      {steps.map((step, at) => (
        <li
          key={step}
          className={at < done ? 'done' : at === done ? 'here' : ''}
          aria-current={at === done ? 'step' : undefined}
        >
          <span className="tick">{at < done ? <Icon name="yes" size={18} /> : at + 1}</span>
          <div>
            <h2>
              {t.guide.steps[step].title}
              {at < done && <span className="hidden"> {t.guide.done}</span>}
            </h2>
            {at === done && <Current key={step} step={step} touring={touring} />}
          </div>
        </li>
      ))}
    </ol>
  )
}

const Finished = ({ orderId, again }: { orderId: string; again: () => void }) => {
  const { t } = useWords()
  return (
    <section className="card finished" role="status">
      <h2 className="serif">
        <Icon name="yes" /> {t.guide.finished}
      </h2>
      <p>{t.guide.finishedText}</p>
      <div className="row">
        <a className="quiet-link" href="/staff#/today" target="_blank" rel="noreferrer">
          {t.guide.seeToday}
        </a>
        <a
          className="quiet-link"
          href={`/#/order/${encodeURIComponent(orderId)}`}
          target="_blank"
          rel="noreferrer"
        >
          {t.guide.seeOrder}
        </a>
        <QuietAct onClick={again}>{t.guide.restart}</QuietAct>
      </div>
    </section>
  )
}

/** When the tour began, and the orders that were there already. */
interface Start {
  readonly at: number
  readonly before: ReadonlySet<string>
}

const beginning = async (): Promise<Start> => ({
  at: now(),
  before: new Set((await ordersNow()).map(order => order.id)),
})

const Tour = ({ demo, start, again }: { demo: DemoJson; start: Start; again: () => void }) => {
  const { t } = useWords()
  const progress = useProgress(demo, start.before)
  const done = stepsDone(progress.line)
  const step = steps[done]
  const frames = useRef<Frames>({ shown: 'reader', windows: {} })
  const [shown, show] = useState<Frames['shown']>('reader')
  const [until, setUntil] = useState<number>()
  useEffect(() => {
    if (step) show(stageOf[step])
    else setUntil(now())
  }, [step])
  return (
    <div className="tour">
      <section className="tour-steps" aria-label={t.guide.title}>
        <Clock since={start.at} until={until} />
        {wentWrong(progress.line) ? (
          <p className="bad">
            <Icon name="alert" /> {t.guide.failed}
          </p>
        ) : (
          <Steps done={done} touring={{ demo, progress, frames, show }} />
        )}
        {!step && progress.order && <Finished orderId={progress.order.id} again={again} />}
        {wentWrong(progress.line) && <QuietAct onClick={again}>{t.guide.restart}</QuietAct>}
      </section>
      <Stage demo={demo} frames={frames} shown={shown} show={show} />
    </div>
  )
}

const Begin = ({ demo, began }: { demo: DemoJson; began: (start: Start) => void }) => {
  const { t } = useWords()
  const start = useSubmit(async () => {
    await logIn(demo)
    return beginning()
  })
  return (
    <section className="begin">
      <Mark size={72} />
      <h1 className="serif">{t.guide.title}</h1>
      <p>{t.guide.lead}</p>
      {start.problem && <Trouble problem={start.problem} />}
      <MainAct
        busy={start.busy}
        onClick={async () => {
          const begun = await start.run()
          if (begun) began(begun)
        }}
      >
        {t.guide.start}
      </MainAct>
      <ol className="overview">
        {steps.map(step => (
          <li key={step}>
            <span className="quiet small">{t.guide.steps[step].who}</span> {t.guide.steps[step].title}
          </li>
        ))}
      </ol>
    </section>
  )
}

export const App = () => {
  const { t } = useWords()
  const { language } = useSettings()
  const town = useData<TownJson>('/api/town')
  const demo = useData<DemoJson>(town.data?.demo ? '/api/demo' : null)
  const [start, setStart] = useState<Start>()
  const again = useSubmit(async () => setStart(await beginning()))
  useEffect(() => {
    if (town.data) learnNow(town.data.now)
  }, [town.data])
  const notDemo = town.data?.demo === false
  return (
    <>
      <title>{t.guide.page}</title>
      <header className="guide-top">
        <a className="house" href="/">
          <Mark />
          <span className="serif">{t.name}</span>
        </a>
        {start && <h1>{t.guide.title}</h1>}
        <button
          type="button"
          className="link"
          lang={language === 'zh' ? 'en' : 'zh-CN'}
          onClick={() => choose({ language: language === 'zh' ? 'en' : 'zh' })}
        >
          {t.otherLanguage}
        </button>
      </header>
      <main>
        {notDemo && (
          <section className="begin">
            <h1 className="serif">{t.guide.notDemo}</h1>
            <p>{t.guide.notDemoText}</p>
          </section>
        )}
        {demo.data && !start && <Begin demo={demo.data} began={setStart} />}
        {demo.data && start && (
          <Tour key={start.at} demo={demo.data} start={start} again={() => void again.run()} />
        )}
        {!town.data && !town.problem && <Waiting lines={6} />}
        {(town.problem ?? demo.problem) && (
          <Trouble problem={(town.problem ?? demo.problem)!} again={town.problem ? town.again : demo.again} />
        )}
      </main>
    </>
  )
}
