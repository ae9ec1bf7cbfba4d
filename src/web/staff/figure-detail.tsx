import { Button, Table, type TableProps } from 'antd'
import { useCallback, useState } from 'react'
import type { FigureJson, FigureLineJson, FigureLinePageJson } from '../../gateway/http/api/reports.ts'
import type { LineOutcome } from '../../gateway/orders/order.ts'
import { useData } from '../base/data.ts'
import { Icon } from '../base/icons.tsx'
import { Loaded, When } from '../base/parts.tsx'
import { useWords } from '../base/words.tsx'
import Chart, { type Paint } from './chart.tsx'
import { useFigureWords } from './figure.tsx'
import { useTown } from './session.ts'

interface Bar {
  readonly name: string
  readonly value: number | null
}

/** Bars against the bound: what is beyond it is in seal red, with the line that says so. */
const barsOption =
  (bars: readonly Bar[], bound: number | null, amount: (value: number) => string) => (paint: Paint) => ({
    grid: { left: 8, right: 72, top: 8, bottom: 8, containLabel: true },
    xAxis: {
      type: 'value',
      axisLabel: { show: false },
      splitLine: { show: false },
      max: bound === null ? null : (range: { max: number }) => Math.max(range.max, bound * 1.15),
    },
    yAxis: {
      type: 'category',
      inverse: true,
      data: bars.map(bar => bar.name),
      axisLabel: { color: paint.ink },
      axisTick: { show: false },
      axisLine: { lineStyle: { color: paint.line } },
    },
    series: [
      {
        type: 'bar',
        barMaxWidth: 18,
        data: bars.map(({ value }) => ({
          value,
          itemStyle: {
            color: bound !== null && value !== null && value > bound ? paint.seal : paint.bridge,
            borderRadius: 3,
          },
        })),
        label: {
          show: true,
          position: 'right',
          color: paint.ink,
          formatter: ({ value }: { value: number | null }) => (value === null ? '—' : amount(value)),
        },
        ...(bound === null
          ? {}
          : {
              markLine: {
                silent: true,
                symbol: 'none',
                lineStyle: { color: paint.ink, type: 'dashed' },
                label: { show: false },
                data: [{ xAxis: bound }],
              },
            }),
      },
    ],
  })

const Bars = (props: { title: string; bars: readonly Bar[]; figure: FigureJson }) => {
  const { bars, figure, title } = props
  const say = useFigureWords()
  const amount = (value: number) => say.amount(value, figure.unit)
  const text = JSON.stringify(bars)
  // biome-ignore lint/correctness/useExhaustiveDependencies: the bars are compared by what they say
  const option = useCallback(
    (paint: Paint) => barsOption(bars, figure.bound, amount)(paint),
    [text, figure.bound],
  )
  return (
    <figure>
      <figcaption>{title}</figcaption>
      <Chart
        option={option}
        height={24 + bars.length * 34}
        label={`${title}: ${bars.map(bar => `${bar.name} ${bar.value === null ? '—' : amount(bar.value)}`).join(', ')}`}
      />
    </figure>
  )
}

const useColumns = (): TableProps<FigureLineJson>['columns'] => {
  const { t, w } = useWords()
  const words = t.staff.report
  const end = (line: FigureLineJson) =>
    line.to ? <When at={line.to} /> : <span className="quiet">{words.unfinished}</span>
  const outcomeOf = (outcome: string | null) =>
    outcome === null ? '—' : (t.reader.order.outcomes[outcome as LineOutcome] ?? outcome)
  const onTime = (line: FigureLineJson) =>
    line.onTime === null ? (
      <span className="quiet">—</span>
    ) : (
      <span className={line.onTime ? 'good-word' : 'risk late'}>
        <Icon name={line.onTime ? 'yes' : 'alert'} size={18} />
        {line.onTime ? words.yes : words.no}
      </span>
    )
  return [
    { title: words.order, dataIndex: 'orderNumber', className: 'figure' },
    { title: words.book, key: 'book', render: (_, line) => <span className="title">{line.title}</span> },
    { title: words.began, key: 'from', render: (_, line) => <When at={line.from} /> },
    { title: words.ended, key: 'to', render: (_, line) => end(line) },
    {
      title: words.days,
      key: 'days',
      className: 'figure',
      render: (_, line) => (line.workingDays === null ? '—' : line.workingDays.toFixed(2)),
    },
    { title: words.onTime, key: 'onTime', render: (_, line) => onTime(line) },
    {
      title: words.outcome,
      key: 'outcome',
      render: (_, line) => (line.note ? w(line.note) : outcomeOf(line.outcome)),
    },
  ]
}

const LinePage = (props: { path: string; more: ((next: string) => void) | undefined }) => {
  const { t } = useWords()
  const page = useData<FigureLinePageJson>(props.path)
  const columns = useColumns() ?? []
  return (
    <Loaded of={page} lines={4}>
      {({ items, next }) => (
        <>
          <Table<FigureLineJson>
            rowKey="lineId"
            size="small"
            pagination={false}
            columns={columns}
            dataSource={items}
          />
          {next && props.more && <Button onClick={() => props.more?.(next)}>{t.more}</Button>}
        </>
      )}
    </Loaded>
  )
}

/** Parts are told by the id of a branch, a locker or a library; people know their names. */
const useNameOf = () => {
  const { w } = useWords()
  const town = useTown()
  const places = town?.libraries.flatMap(one => [one, ...one.branches, ...one.lockers]) ?? []
  return (id: string): string => {
    const place = places.find(one => one.id === id)
    return place ? w(place.name) : id
  }
}

/** How the figure is spread, where it comes from, and the very lines behind it. */
export default function FigureDetail({ figure, query }: { figure: FigureJson; query: string }) {
  const { t } = useWords()
  const words = t.staff.report
  const [cursors, setCursors] = useState<readonly string[]>([''])
  const { distribution } = figure
  const nameOf = useNameOf()
  const parts = figure.parts.map(part => ({ ...part, name: nameOf(part.name) }))
  const path = `/api/reports/compliance/${figure.id}/lines?${query}`
  return (
    <div className="figure-detail">
      <div className="figure-charts">
        {distribution && (
          <Bars
            title={`${words.distribution} · ${words.count} ${distribution.count}`}
            figure={figure}
            bars={(['median', 'p90', 'p95', 'max'] as const).map(name => ({
              name: words[name],
              value: distribution[name],
            }))}
          />
        )}
        {figure.parts.length > 0 && <Bars title={words.parts} figure={figure} bars={parts} />}
      </div>
      <h3>{words.evidence}</h3>
      {cursors.map((cursor, at) => (
        <LinePage
          key={cursor}
          path={cursor ? `${path}&cursor=${encodeURIComponent(cursor)}` : path}
          more={at === cursors.length - 1 ? next => setCursors([...cursors, next]) : undefined}
        />
      ))}
    </div>
  )
}
