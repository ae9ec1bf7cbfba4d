import { Table } from 'antd'
import { useCallback } from 'react'
import type { ComplianceReportJson } from '../../gateway/http/api/reports.ts'
import { useWords } from '../base/words.tsx'
import Chart, { type Paint } from './chart.tsx'
import { Sideways } from './sideways.tsx'

type Use = ComplianceReportJson['lockers'][number]

const heatOption = (lockers: readonly Use[], names: readonly string[]) => (paint: Paint) => ({
  grid: { left: 8, right: 16, top: 8, bottom: 8, containLabel: true },
  xAxis: {
    type: 'category',
    data: Array.from({ length: 24 }, (_, hour) => String(hour)),
    axisLabel: { color: paint.quiet },
    axisLine: { show: false },
    axisTick: { show: false },
  },
  yAxis: {
    type: 'category',
    inverse: true,
    data: [...names],
    axisLabel: { color: paint.ink },
    axisLine: { show: false },
    axisTick: { show: false },
  },
  visualMap: {
    show: false,
    min: 0,
    max: Math.max(1, ...lockers.flatMap(locker => locker.byHour)),
    inRange: { color: [paint.soft, paint.bridge] },
  },
  tooltip: {},
  series: [
    {
      type: 'heatmap',
      itemStyle: { borderColor: paint.card, borderWidth: 2, borderRadius: 3 },
      data: lockers.flatMap((locker, row) => locker.byHour.map((count, hour) => [hour, row, count])),
    },
  ],
})

const percent = (value: number | null): string => (value === null ? '—' : `${(value * 100).toFixed(0)}%`)

/** What the lockers did in the period, and when people come to them. */
export default function LockerUse({ lockers }: { lockers: readonly Use[] }) {
  const { t, w } = useWords()
  const words = t.staff.report
  const option = useCallback(
    (paint: Paint) =>
      heatOption(
        lockers,
        lockers.map(locker => w(locker.name)),
      )(paint),
    [lockers, w],
  )
  return (
    <>
      <Sideways label={words.lockers}>
        <Table<Use>
          rowKey="lockerId"
          size="middle"
          pagination={false}
          dataSource={[...lockers]}
          columns={[
            { title: words.locker, key: 'name', render: (_, use) => w(use.name) },
            { title: words.deposits, dataIndex: 'deposits' },
            { title: words.collections, dataIndex: 'collections' },
            { title: words.returns, dataIndex: 'returns' },
            { title: words.occupancy, key: 'occupancy', render: (_, use) => percent(use.occupancy) },
            {
              title: words.turnover,
              key: 'turnover',
              render: (_, use) => (use.turnover === null ? '—' : use.turnover.toFixed(2)),
            },
            { title: words.expired, dataIndex: 'expired' },
            { title: words.failed, dataIndex: 'failedOpenings' },
          ]}
        />
      </Sideways>
      <figure>
        <figcaption>{words.hours}</figcaption>
        <Chart option={option} height={48 + lockers.length * 40} label={words.hours} />
      </figure>
    </>
  )
}
