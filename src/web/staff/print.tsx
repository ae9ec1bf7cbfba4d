import { Button } from 'antd'
import type { WorkListJson, WorkRowJson } from '../../gateway/http/api/staff.ts'
import { now } from '../base/clock.ts'
import { useData } from '../base/data.ts'
import { Mark } from '../base/mark.tsx'
import { Loaded } from '../base/parts.tsx'
import { Qr } from '../base/qr.tsx'
import { sayOnPaper } from '../base/say.ts'
import { useWords } from '../base/words.tsx'

const PrintBar = ({ title }: { title: string }) => {
  const { t } = useWords()
  return (
    <div className="page-head no-print">
      <h1 tabIndex={-1}>{title}</h1>
      <Button type="primary" onClick={() => print()}>
        {t.staff.printNow}
      </Button>
    </div>
  )
}

/** Rows come in walking order already; a new heading stands wherever the place changes. */
const places = (
  rows: readonly WorkRowJson[],
  name: (row: WorkRowJson) => string,
): [string, WorkRowJson[]][] => {
  const groups: [string, WorkRowJson[]][] = []
  for (const row of rows) {
    const place = name(row)
    const last = groups.at(-1)
    if (last && last[0] === place) last[1].push(row)
    else groups.push([place, [row]])
  }
  return groups
}

const PickRow = ({ row }: { row: WorkRowJson }) => {
  const { w } = useWords()
  return (
    <tr>
      <td>
        <span className="tick" />
      </td>
      <td className="figure">{row.callNumber}</td>
      <td>
        <span className="title">{row.title}</span> <span className="quiet">{row.author}</span>
      </td>
      <td className="figure">{row.barcode}</td>
      <td>{w(row.delivery.name)}</td>
      <td className="figure">{row.deadline && sayOnPaper(row.deadline)}</td>
    </tr>
  )
}

/** The list to walk with: by shelf, with a box to tick. */
export const PickList = () => {
  const { t, w, language } = useWords()
  const work = useData<WorkListJson>('/api/staff/work/find')
  return (
    <section className="sheet">
      <title>{`${t.staff.pick.title} · ${t.staff.page}`}</title>
      <PrintBar title={t.staff.pick.title} />
      <Loaded of={work} lines={10}>
        {({ rows }) => (
          <>
            <p className="sheet-head">
              <Mark size={22} /> {t.staff.pick.title} · {t.staff.pick.count(rows.length)} ·{' '}
              {t.staff.pick.printed} {new Date(now()).toLocaleString(language === 'zh' ? 'zh-CN' : 'en-GB')}
            </p>
            <table className="pick">
              {places(rows, row => [w(row.place), row.location].filter(Boolean).join(' ')).map(
                ([place, inPlace]) => (
                  <tbody key={`${place}${inPlace[0]?.lineId}`}>
                    <tr>
                      <th colSpan={6} scope="rowgroup">
                        {place || t.staff.pick.noPlace}
                      </th>
                    </tr>
                    {inPlace.map(row => (
                      <PickRow key={row.lineId} row={row} />
                    ))}
                  </tbody>
                ),
              )}
            </table>
          </>
        )}
      </Loaded>
    </section>
  )
}

const parcelsOf = (rows: readonly WorkRowJson[]): WorkRowJson[][] => {
  const names = [...new Set(rows.map(row => row.parcelNumber ?? row.orderNumber))]
  return names.map(name => rows.filter(row => (row.parcelNumber ?? row.orderNumber) === name))
}

/** Titles stay off the label: what somebody reads is nobody's business on the way. */
const Label = ({ rows }: { rows: readonly WorkRowJson[] }) => {
  const { t, w } = useWords()
  const [first] = rows
  if (!first) return null
  const number = first.parcelNumber ?? first.orderNumber
  return (
    <article className="label">
      <div>
        <p className="label-house">
          <Mark size={18} /> {t.name}
        </p>
        <p className="label-to">{w(first.delivery.name)}</p>
        <p>
          {first.reader} · {t.staff.labelPage.books(rows.length)}
        </p>
        <p className="figure">
          {t.staff.labelPage.order} {first.orderNumber}
        </p>
        <p className="figure">
          {t.staff.labelPage.parcel} <strong>{number}</strong>
        </p>
      </div>
      <Qr text={number} label={t.staff.labelPage.scan} />
    </article>
  )
}

export const Labels = ({ list }: { list: string }) => {
  const { t } = useWords()
  const work = useData<WorkListJson>(`/api/staff/work/${list === 'pack' ? 'pack' : 'send'}`)
  return (
    <section className="sheet">
      <title>{`${t.staff.labels} · ${t.staff.page}`}</title>
      <PrintBar title={t.staff.labels} />
      <Loaded of={work} lines={6}>
        {({ rows }) => (
          <div className="labels">
            {parcelsOf(rows).map(parcel => (
              <Label key={parcel[0]?.lineId} rows={parcel} />
            ))}
          </div>
        )}
      </Loaded>
    </section>
  )
}
