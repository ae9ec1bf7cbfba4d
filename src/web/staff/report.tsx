import { Button, Select, Table, type TableProps } from 'antd'
import { lazy, Suspense, useEffect, useMemo, useState } from 'react'
import type { ComplianceReportJson, FigureJson } from '../../gateway/http/api/reports.ts'
import { ApiProblem, get } from '../base/api.ts'
import { useData } from '../base/data.ts'
import { Icon } from '../base/icons.tsx'
import { Loaded, Waiting } from '../base/parts.tsx'
import { askFor, type Period, type Preset, periodOf, periodsBefore, presets } from '../base/period.ts'
import { useWords } from '../base/words.tsx'
import { Bound, Met, Sparkline, useFigureWords } from './figure.tsx'
import { useStaff, useTown } from './session.ts'
import { Sideways } from './sideways.tsx'

const FigureDetail = lazy(() => import('./figure-detail.tsx'))
const LockerUse = lazy(() => import('./locker-use.tsx'))

const before = 5

/** The same figures for the periods before, asked one after another: a trend is never worth a queue. */
const useTrend = (period: Period, library: string, zone: string): ReadonlyMap<string, (number | null)[]> => {
  const [trend, setTrend] = useState<ReadonlyMap<string, (number | null)[]>>(new Map())
  useEffect(() => {
    let wanted = true
    setTrend(new Map())
    const collect = async () => {
      const found = new Map<string, (number | null)[]>()
      for (const past of periodsBefore(period, before)) {
        const report = await get<ComplianceReportJson>(
          `/api/reports/compliance?${askFor(past, library, zone)}`,
        )
        if (!wanted) return
        for (const figure of report.figures)
          found.set(figure.id, [...(found.get(figure.id) ?? []), figure.value])
      }
      setTrend(found)
    }
    collect().catch((thrown: unknown) => {
      if (!(thrown instanceof ApiProblem)) throw thrown
    })
    return () => {
      wanted = false
    }
  }, [period, library, zone])
  return trend
}

const Controls = (props: {
  period: Period
  library: string
  now: string
  setPeriod: (period: Period) => void
  setLibrary: (library: string) => void
}) => {
  const { t, w } = useWords()
  const town = useTown()
  const words = t.staff.report
  const { period, setPeriod } = props
  return (
    <div className="report-controls no-print">
      <Select
        aria-label={t.reader.results.library}
        className="need"
        value={props.library}
        onChange={props.setLibrary}
        options={[
          { value: '', label: t.reader.results.anyLibrary },
          ...(town?.libraries ?? []).map(library => ({ value: library.id, label: w(library.name) })),
        ]}
      />
      {presets.map((preset: Preset) => (
        <Button key={preset} onClick={() => setPeriod(periodOf(preset, props.now))}>
          {words[preset]}
        </Button>
      ))}
      {(['from', 'to'] as const).map(end => (
        <label key={end} className="date">
          {words[end]}
          <input
            type="date"
            value={period[end]}
            {...(end === 'from' ? { max: period.to } : { min: period.from })}
            onChange={event => event.target.value && setPeriod({ ...period, [end]: event.target.value })}
          />
        </label>
      ))}
    </div>
  )
}

const useColumns = (trend: ReadonlyMap<string, (number | null)[]>): TableProps<FigureJson>['columns'] => {
  const { t, w } = useWords()
  const words = t.staff.report
  const say = useFigureWords()
  return [
    {
      title: words.clause,
      key: 'clause',
      width: '8%',
      render: (_, figure) => <span className="figure">{figure.clause}</span>,
    },
    { title: words.figure, key: 'name', width: '16%', render: (_, figure) => w(figure.name) },
    {
      title: words.value,
      key: 'value',
      width: '14%',
      render: (_, figure) => (
        <span className="stack">
          <strong className="figure value">{say.value(figure)}</strong>
          {figure.numerator !== null && figure.denominator > 0 && (
            <span className="quiet small figure">{words.of(figure.numerator, figure.denominator)}</span>
          )}
        </span>
      ),
    },
    { title: words.bound, key: 'bound', width: '13%', render: (_, figure) => <Bound figure={figure} /> },
    {
      title: words.trend,
      key: 'trend',
      width: '12%',
      render: (_, figure) => (
        <Sparkline values={[...(trend.get(figure.id) ?? []), figure.value]} bound={figure.bound} />
      ),
    },
    { title: words.met, key: 'met', width: '11%', render: (_, figure) => <Met figure={figure} /> },
    { title: words.say, key: 'say', render: (_, figure) => w(figure.say) },
  ]
}

const Figures = (props: {
  report: ComplianceReportJson
  query: URLSearchParams
  columns: TableProps<FigureJson>['columns']
}) => {
  const { t, w } = useWords()
  const [open, setOpen] = useState<string>()
  return (
    <Sideways label={t.staff.report.title}>
      <Table<FigureJson>
        rowKey="id"
        size="middle"
        pagination={false}
        columns={[
          ...(props.columns ?? []),
          {
            title: <span className="hidden">{t.staff.report.details}</span>,
            key: 'more',
            width: 90,
            render: (_, figure) => (
              <Button
                type="text"
                aria-expanded={open === figure.id}
                onClick={() => setOpen(open === figure.id ? undefined : figure.id)}
              >
                {open === figure.id ? t.close : t.staff.report.details}
                <span className="hidden"> {w(figure.name)}</span>
              </Button>
            ),
          },
        ]}
        dataSource={props.report.figures}
        expandable={{
          expandedRowKeys: open ? [open] : [],
          showExpandColumn: false,
          expandedRowRender: figure => (
            <Suspense fallback={<Waiting lines={6} />}>
              <FigureDetail figure={figure} query={props.query.toString()} />
            </Suspense>
          ),
        }}
      />
    </Sideways>
  )
}

const Downloads = ({ query }: { query: URLSearchParams }) => {
  const { t } = useWords()
  return (
    <span className="downloads no-print">
      {(['csv', 'json'] as const).map(format => (
        <a
          key={format}
          className="print-link"
          href={`/api/reports/compliance?${query}&format=${format}`}
          download
        >
          {t.staff.report[format]}
        </a>
      ))}
    </span>
  )
}

const Report = ({ now, ownLibrary }: { now: string; ownLibrary: string }) => {
  const { t } = useWords()
  const words = t.staff.report
  const [period, setPeriod] = useState(() => periodOf('month', now))
  const [library, setLibrary] = useState(ownLibrary)
  const zone = now.slice(-6)
  const query = useMemo(() => askFor(period, library, zone), [period, library, zone])
  const report = useData<ComplianceReportJson>(`/api/reports/compliance?${query}`)
  const columns = useColumns(useTrend(period, library, zone))
  return (
    <section>
      <title>{`${words.title} · ${t.staff.page}`}</title>
      <div className="page-head">
        <h1 tabIndex={-1}>{words.title}</h1>
        <Downloads query={query} />
      </div>
      <p className="quiet small">{words.standard}</p>
      <Controls period={period} library={library} now={now} setPeriod={setPeriod} setLibrary={setLibrary} />
      <Loaded of={report} lines={10}>
        {known => (
          <>
            <Figures report={known} query={query} columns={columns} />
            {known.lockers.length > 0 && (
              <section aria-labelledby="locker-use" className="locker-use">
                <h2 id="locker-use">
                  <Icon name="locker" /> {words.lockers}
                </h2>
                <Suspense fallback={<Waiting lines={6} />}>
                  <LockerUse lockers={known.lockers} />
                </Suspense>
              </section>
            )}
          </>
        )}
      </Loaded>
    </section>
  )
}

export default function ReportPage() {
  const town = useTown()
  const staff = useStaff()
  if (!town || !staff.data) return <Waiting lines={10} />
  return <Report now={town.now} ownLibrary={staff.data.libraryId} />
}
