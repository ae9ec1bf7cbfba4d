import { Button, Table, type TableProps } from 'antd'
import { useEffect, useState, useSyncExternalStore } from 'react'
import type { WorkListJson, WorkRowJson } from '../../gateway/http/api/staff.ts'
import { useData } from '../base/data.ts'
import { Icon } from '../base/icons.tsx'
import { Empty, Loaded } from '../base/parts.tsx'
import { sayDuration } from '../base/say.ts'
import { useWords } from '../base/words.tsx'
import { nextOf, OtherActs, useAct, useActWords } from './row-acts.tsx'
import { useScanning } from './scan.tsx'

type List = WorkListJson['list']

/** Time left as a number, a colour, a sign and a word. */
const Left = ({ row }: { row: WorkRowJson }) => {
  const { t, language } = useWords()
  if (row.secondsLeft === null) return <span className="quiet">{t.staff.noDeadline}</span>
  const time = sayDuration(row.secondsLeft, language)
  return (
    <span className={`risk ${row.risk}`}>
      {row.risk !== 'on-time' && <Icon name={row.risk === 'late' ? 'alert' : 'clock'} size={18} />}
      <span className="figure">{row.secondsLeft < 0 ? t.staff.late(time) : time}</span>
      <span className={row.risk === 'at-risk' ? 'small' : 'hidden'}>{t.staff.risk[row.risk]}</span>
    </span>
  )
}

const Place = ({ row }: { row: WorkRowJson }) => {
  const { w } = useWords()
  return (
    <span className="stack">
      <span>
        {w(row.place)} <span className="quiet">{row.location}</span>
      </span>
      <span className="figure quiet">{row.callNumber}</span>
    </span>
  )
}

const Book = ({ row }: { row: WorkRowJson }) => {
  const { t, w } = useWords()
  return (
    <span className="stack">
      <span className="title">{row.title}</span>
      <span className="figure quiet">
        {row.barcode} {row.parcelNumber}
      </span>
      {row.trouble && (
        <span className="risk at-risk">
          <Icon name="look" size={18} />
          {w(row.trouble)}
        </span>
      )}
      {row.ilsPending && (
        <span className="quiet">
          <Icon name="clock" size={18} /> {t.ils.down}
        </span>
      )}
    </span>
  )
}

interface Acting {
  readonly open: string | undefined
  readonly toggle: (lineId: string) => void
  readonly doing: ReturnType<typeof useAct>
  /** Does the row's next step; opens the row where the step needs to be told something. */
  readonly next: (row: WorkRowJson) => void
}

const Act = ({ row, acting }: { row: WorkRowJson; acting: Acting }) => {
  const { t } = useWords()
  const name = useActWords()
  const act = nextOf(row)
  if (!act) return <span className="quiet">—</span>
  return (
    <span className="acts">
      <Button type="primary" ghost disabled={acting.doing.busy} onClick={() => acting.next(row)}>
        {name(act)}
      </Button>
      {row.can.length > 1 && (
        <Button
          type="text"
          aria-expanded={acting.open === row.lineId}
          onClick={() => acting.toggle(row.lineId)}
        >
          {t.staff.others}
        </Button>
      )}
    </span>
  )
}

const useColumns = (acting: Acting): TableProps<WorkRowJson>['columns'] => {
  const { t, w } = useWords()
  const words = t.staff.columns
  return [
    { title: words.place, key: 'place', width: '17%', render: (_, row) => <Place row={row} /> },
    { title: words.book, key: 'book', render: (_, row) => <Book row={row} /> },
    { title: words.reader, key: 'reader', width: '8%', dataIndex: 'reader' },
    { title: words.delivery, key: 'delivery', width: '14%', render: (_, row) => w(row.delivery.name) },
    { title: words.left, key: 'left', width: '15%', render: (_, row) => <Left row={row} /> },
    { title: words.act, key: 'act', width: '18%', render: (_, row) => <Act row={row} acting={acting} /> },
  ]
}

/** Arrow keys and Enter of the scan box work on this list while it is on screen. */
const useListKeys = (rows: readonly WorkRowJson[], acting: Acting): string | undefined => {
  const { list } = useScanning()
  const [at, setAt] = useState(-1)
  const chosen = rows[at]
  useEffect(() => {
    list.current = {
      move: by => setAt(known => Math.min(rows.length - 1, Math.max(0, known + by))),
      act: () => chosen && acting.next(chosen),
      others: () => chosen && acting.toggle(chosen.lineId),
    }
    return () => {
      list.current = null
    }
  }, [list, rows, chosen, acting])
  return chosen?.lineId
}

const useActing = (): Acting => {
  const [open, setOpen] = useState<string>()
  const doing = useAct()
  const toggle = (lineId: string) => setOpen(known => (known === lineId ? undefined : lineId))
  const next = (row: WorkRowJson) => {
    const act = nextOf(row)
    if (!act) return
    const input = doing.known(row, act)
    if (input) void doing.run(row, act, input)
    else setOpen(row.lineId)
  }
  return { open, toggle, doing, next }
}

const narrowQuery = '(max-width: 60rem)'
const watchNarrow = (act: () => void) => {
  const media = matchMedia(narrowQuery)
  media.addEventListener('change', act)
  return () => media.removeEventListener('change', act)
}
const useNarrow = (): boolean => useSyncExternalStore(watchNarrow, () => matchMedia(narrowQuery).matches)

/** The same rows for a handheld: where to go, what to take, what to do. */
const WorkCards = (props: { rows: readonly WorkRowJson[]; acting: Acting; chosenId: string | undefined }) => {
  const { w } = useWords()
  const { rows, acting, chosenId } = props
  return (
    <ul className="cards">
      {rows.map(row => (
        <li
          key={row.lineId}
          className={`card work-card ${row.risk} ${row.lineId === chosenId ? 'chosen' : ''}`}
        >
          <Book row={row} />
          <Place row={row} />
          <span>
            {w(row.delivery.name)} · {row.reader}
          </span>
          <Left row={row} />
          <Act row={row} acting={acting} />
          {acting.open === row.lineId && <OtherActs row={row} done={() => acting.toggle(row.lineId)} />}
        </li>
      ))}
    </ul>
  )
}

/** Rows of work: one row, one next action. */
export const WorkTable = ({ rows }: { rows: readonly WorkRowJson[] }) => {
  const { t } = useWords()
  const name = useActWords()
  const acting = useActing()
  const chosenId = useListKeys(rows, acting)
  const chosen = rows.find(row => row.lineId === chosenId)
  const narrow = useNarrow()
  const done = (row: WorkRowJson) => () => acting.toggle(row.lineId)
  const columns = useColumns(acting) ?? []
  return (
    <>
      {narrow ? (
        <WorkCards rows={rows} acting={acting} chosenId={chosenId} />
      ) : (
        <Table<WorkRowJson>
          className="work"
          rowKey="lineId"
          size="middle"
          pagination={rows.length > 100 ? { pageSize: 100, showSizeChanger: false } : false}
          columns={columns}
          dataSource={[...rows]}
          rowClassName={row => `${row.risk}${row.lineId === chosenId ? ' chosen' : ''}`}
          expandable={{
            expandedRowKeys: acting.open ? [acting.open] : [],
            showExpandColumn: false,
            expandedRowRender: row => <OtherActs row={row} done={done(row)} />,
          }}
        />
      )}
      <p className="hidden" role="status">
        {chosen && `${chosen.title} ${name(nextOf(chosen) ?? '')}`}
      </p>
      <p className="quiet small keys" id="scan-keys">
        {t.staff.keys}
      </p>
    </>
  )
}

const printable: readonly List[] = ['find', 'pack', 'send']

export const WorkPage = ({ list }: { list: List }) => {
  const { t } = useWords()
  const work = useData<WorkListJson>(`/api/staff/work/${list}`)
  return (
    <section>
      <title>{`${t.staff.nav[list]} · ${t.staff.page}`}</title>
      <div className="page-head">
        <h1 tabIndex={-1}>{t.staff.nav[list]}</h1>
        {printable.includes(list) && (
          <a className="print-link" href={list === 'find' ? '#/print/pick' : `#/print/labels/${list}`}>
            <Icon name="print" size={20} />
            {list === 'find' ? t.staff.print : t.staff.labels}
          </a>
        )}
      </div>
      <Loaded of={work} lines={10}>
        {({ rows }) => (rows.length > 0 ? <WorkTable rows={rows} /> : <Empty say={t.staff.empty[list]} />)}
      </Loaded>
    </section>
  )
}
