import { lazy, Suspense, useCallback } from 'react'
import type { TodayJson } from '../../gateway/http/api/staff.ts'
import { useData } from '../base/data.ts'
import { Icon } from '../base/icons.tsx'
import { Loaded, Waiting } from '../base/parts.tsx'
import { useWords } from '../base/words.tsx'
import type { Paint } from './chart.tsx'
import { linkLook } from './link-state.ts'
import { useTown } from './session.ts'
import { WorkTable } from './work.tsx'

const Chart = lazy(() => import('./chart.tsx'))

const stages = ['received', 'found', 'packed', 'sent', 'collected'] as const
type Stage = (typeof stages)[number]

/** From so many an hour to so many until that hour. */
const growing = (flow: TodayJson['flow'], stage: Stage): number[] => {
  let sum = 0
  return flow.map(hour => {
    sum += hour[stage]
    return sum
  })
}

/** Where the band between two lines is wide, work is waiting. */
const flowOption =
  (flow: TodayJson['flow'], names: Record<Stage, string>, hourWord: string) => (paint: Paint) => ({
    color: [paint.quiet, paint.amber, paint.seal, paint.bridge, paint.moss],
    grid: { left: 40, right: 16, top: 40, bottom: 28 },
    legend: { top: 0, textStyle: { color: paint.ink }, icon: 'roundRect' },
    tooltip: { trigger: 'axis' },
    xAxis: {
      type: 'category',
      boundaryGap: false,
      data: flow.map(hour => `${hour.hour} ${hourWord}`),
      axisLabel: { color: paint.quiet },
      axisLine: { lineStyle: { color: paint.line } },
    },
    yAxis: {
      type: 'value',
      minInterval: 1,
      axisLabel: { color: paint.quiet },
      splitLine: { lineStyle: { color: paint.line } },
    },
    series: stages.map(stage => ({
      name: names[stage],
      type: 'line',
      step: 'end',
      showSymbol: false,
      lineStyle: { width: stage === 'collected' || stage === 'received' ? 2.5 : 1.5 },
      areaStyle: { opacity: stage === 'collected' ? 0.16 : 0.06 },
      data: growing(flow, stage),
    })),
  })

const FlowTable = ({ flow }: { flow: TodayJson['flow'] }) => {
  const { t } = useWords()
  const words = t.staff.todayPage
  return (
    <details className="numbers">
      <summary>{words.table}</summary>
      <table>
        <thead>
          <tr>
            <th scope="col">{words.hour}</th>
            {stages.map(stage => (
              <th key={stage} scope="col">
                {words.series[stage]}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {flow.map(hour => (
            <tr key={hour.hour}>
              <th scope="row">{hour.hour}</th>
              {stages.map(stage => (
                <td key={stage}>{hour[stage]}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </details>
  )
}

const Flow = ({ flow }: { flow: TodayJson['flow'] }) => {
  const { t } = useWords()
  const words = t.staff.todayPage
  const total = (stage: Stage) => flow.reduce((sum, hour) => sum + hour[stage], 0)
  const option = useCallback(
    (paint: Paint) => flowOption(flow, words.series, words.hour)(paint),
    [flow, words],
  )
  return (
    <section className="card panel" aria-labelledby="flow">
      <h2 id="flow">{words.flow}</h2>
      {stages.some(stage => total(stage) > 0) ? (
        <>
          <Suspense fallback={<Waiting lines={6} />}>
            <Chart
              option={option}
              height={260}
              label={words.flowSay(total('received'), total('collected'))}
            />
          </Suspense>
          <FlowTable flow={flow} />
        </>
      ) : (
        <p className="quiet">{words.flowNone}</p>
      )}
    </section>
  )
}

const Systems = ({ ils }: { ils: TodayJson['ils'] }) => {
  const { t, w } = useWords()
  const town = useTown()
  return (
    <section className="card panel" aria-labelledby="systems">
      <h2 id="systems">{t.staff.todayPage.systems}</h2>
      <ul className="systems">
        {ils.map(system => {
          const library = town?.libraries.find(one => one.id === system.libraryId)
          const { tone, sign } = linkLook(system.state)
          return (
            <li key={system.libraryId}>
              <span className={tone}>
                <Icon name={sign} size={20} />
                {t.ils[system.state as keyof typeof t.ils] ?? system.state}
              </span>
              <span>{library ? w(library.name) : system.libraryId}</span>
              <span className="quiet small">
                {w(system.say)} {system.queue > 0 && t.staff.todayPage.queue(system.queue)}
              </span>
            </li>
          )
        })}
      </ul>
    </section>
  )
}

export default function Today() {
  const { t } = useWords()
  const today = useData<TodayJson>('/api/staff/today')
  return (
    <section>
      <title>{`${t.staff.nav.today} · ${t.staff.page}`}</title>
      <div className="page-head">
        <h1 tabIndex={-1}>{t.staff.nav.today}</h1>
      </div>
      <Loaded of={today} lines={12}>
        {known => (
          <div className="today">
            <section aria-labelledby="soon">
              <h2 id="soon">{t.staff.todayPage.soon}</h2>
              {known.soonLate.length > 0 ? (
                <WorkTable rows={known.soonLate} />
              ) : (
                <p className="card panel good-word">
                  <Icon name="yes" size={20} />
                  {t.staff.todayPage.soonNone}
                </p>
              )}
            </section>
            <div className="today-foot">
              <Flow flow={known.flow} />
              <Systems ils={known.ils} />
            </div>
          </div>
        )}
      </Loaded>
    </section>
  )
}
