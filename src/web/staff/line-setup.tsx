import { Button } from 'antd'
import { useEffect, useState } from 'react'
import type { LockerSetupJson, SetupJson } from '../../gateway/http/api/locker-setup.ts'
import { post } from '../base/api.ts'
import { every } from '../base/clock.ts'
import { useData } from '../base/data.ts'
import { Icon } from '../base/icons.tsx'
import { Loaded, Trouble, Waiting } from '../base/parts.tsx'
import { choose, useSettings } from '../base/settings.ts'
import { useSubmit } from '../base/submit.ts'
import { useWords } from '../base/words.tsx'
import type { LineSetupTexts } from '../i18n/line-setup-zh.ts'
import { BeginSetup } from './line-setup-begin.tsx'
import { Boards, Looking } from './line-setup-boards.tsx'
import { Doors } from './line-setup-doors.tsx'
import { SettingsText } from './line-setup-text.tsx'
import { keepPicture, refreshSetup, setupPath, useSetupTexts } from './line-setup-use.ts'

/** The page shows that it is still there: whoever closes it gives the line back. */
const stillHere = 15_000

const Steps = ({ texts, at }: { texts: LineSetupTexts; at: number }) => (
  <ol className="setup-steps">
    {texts.steps.map((step, n) => (
      <li key={step} className={n < at ? 'done' : ''} aria-current={n === at ? 'step' : undefined}>
        <span className="figure">{n + 1}</span> {step}
      </li>
    ))}
  </ol>
)

const EndSetup = ({ setup, texts }: { setup: SetupJson; texts: LineSetupTexts }) => {
  const submit = useSubmit((_key, id: string) =>
    post<LockerSetupJson>(`${setupPath}/${encodeURIComponent(id)}/end`),
  )
  return (
    <div className="setup-end">
      {submit.problem && <Trouble problem={submit.problem} />}
      <Button loading={submit.busy} onClick={async () => keepPicture(await submit.run(setup.id))}>
        {texts.end}
      </Button>
    </div>
  )
}

const stepOf = (setup: SetupJson | null, writing: boolean): number => {
  if (!setup) return 0
  if (writing) return 4
  if (setup.step === 'doors') return setup.wirings.some(one => one.sure || one.candidates.length < 2) ? 3 : 2
  return 1
}

/** The set-up under way, at the step it has come to. */
const UnderWay = ({ setup, texts }: { setup: SetupJson; texts: LineSetupTexts }) => {
  const { w } = useWords()
  const [writing, write] = useState(false)
  useEffect(() => every(stillHere, refreshSetup), [])
  return (
    <>
      <Steps texts={texts} at={stepOf(setup, writing)} />
      <p className="setup-line-name quiet">
        <strong>{setup.line.id ?? texts.begin.fresh}</strong>{' '}
        {texts.begin.known(setup.line.driver, setup.line.where)}
      </p>
      {setup.lockers.length > 0 && (
        <p className="risk at-risk">
          <Icon name="alert" size={20} /> {texts.begin.busy(setup.lockers.map(one => w(one.name)).join('、'))}
        </p>
      )}
      {!setup.mine && (
        <p className="risk at-risk" role="status">
          <Icon name="look" size={20} /> {texts.took(setup.by)}
        </p>
      )}
      {writing ? (
        <SettingsText setup={setup} texts={texts} back={() => write(false)} />
      ) : setup.step === 'doors' ? (
        <Doors key={setup.id} setup={setup} texts={texts} toText={() => write(true)} />
      ) : setup.step === 'found' ? (
        <Boards key={`${setup.id}.${setup.turn}`} setup={setup} texts={texts} />
      ) : (
        <Looking setup={setup} texts={texts} />
      )}
      <EndSetup setup={setup} texts={texts} />
    </>
  )
}

/** Nothing is under way: what the last one learned can still be written, and another begun. */
const AtRest = ({ of, texts }: { of: LockerSetupJson; texts: LineSetupTexts }) => {
  const { w } = useWords()
  const last = of.current
  return (
    <>
      <p className="quiet">{texts.lead}</p>
      <Steps texts={texts} at={0} />
      {last?.over && (
        <section className="card panel setup-step" aria-label={texts.over}>
          <h2>{texts.over}</h2>
          <p role="status">
            {w(last.over)} {texts.doors.done(last.doors.length, last.channels.length)}
          </p>
        </section>
      )}
      {last && last.doors.length > 0 && <SettingsText setup={last} texts={texts} back={undefined} />}
      <BeginSetup key={last?.id} of={of} texts={texts} />
    </>
  )
}

/** A line and its cabinet set up, step by step, by a person who stands before it. */
export default function LineSetup() {
  const { t } = useWords()
  const { language } = useSettings()
  const texts = useSetupTexts()
  const known = useData<LockerSetupJson>(setupPath)
  if (!texts) return <Waiting lines={8} />
  return (
    <section className="line-setup">
      <title>{`${texts.title} · ${t.staff.page}`}</title>
      <div className="page-head">
        <h1 tabIndex={-1}>{texts.title}</h1>
        <p className="acts">
          <a href="#/lockers">
            <Icon name="back" size={20} /> {texts.back}
          </a>
          <button
            type="button"
            className="link"
            lang={language === 'zh' ? 'en' : 'zh-CN'}
            onClick={() => choose({ language: language === 'zh' ? 'en' : 'zh' })}
          >
            {t.otherLanguage}
          </button>
        </p>
      </div>
      <Loaded of={known} lines={8}>
        {of =>
          of.current && of.current.over === null ? (
            <UnderWay setup={of.current} texts={texts} />
          ) : (
            <AtRest of={of} texts={texts} />
          )
        }
      </Loaded>
    </section>
  )
}
