import { Button, Table, type TableProps } from 'antd'
import { useState } from 'react'
import type { AuditEntryJson, DeadLetterJson } from '../../gateway/http/api/office.ts'
import { post } from '../base/api.ts'
import { refresh, useData } from '../base/data.ts'
import { Empty, Loaded, Trouble, When } from '../base/parts.tsx'
import { useSubmit } from '../base/submit.ts'
import { useWords } from '../base/words.tsx'
import { Sideways } from './sideways.tsx'

interface PageOf<T> {
  readonly items: T[]
  readonly next: string | null
}

/** One page of a long table after the other, each asked for when it is wanted. */
const Pages = <T extends object>(props: {
  path: string
  rowKey: string
  label: string
  none: string
  columns: TableProps<T>['columns']
}) => {
  const [cursors, setCursors] = useState<readonly string[]>([''])
  return cursors.map((cursor, at) => (
    <OnePage<T>
      key={cursor}
      {...props}
      path={cursor ? `${props.path}?cursor=${encodeURIComponent(cursor)}` : props.path}
      more={at === cursors.length - 1 ? next => setCursors([...cursors, next]) : undefined}
    />
  ))
}

const OnePage = <T extends object>(props: {
  path: string
  rowKey: string
  label: string
  none: string
  columns: TableProps<T>['columns']
  more: ((next: string) => void) | undefined
}) => {
  const { t } = useWords()
  const page = useData<PageOf<T>>(props.path)
  return (
    <Loaded of={page} lines={8}>
      {({ items, next }) =>
        items.length === 0 ? (
          <Empty say={props.none} />
        ) : (
          <>
            <Sideways label={props.label}>
              <Table<T>
                rowKey={props.rowKey}
                size="middle"
                pagination={false}
                columns={props.columns ?? []}
                dataSource={items}
              />
            </Sideways>
            {next && props.more && <Button onClick={() => props.more?.(next)}>{t.more}</Button>}
          </>
        )
      }
    </Loaded>
  )
}

const letters = '/api/staff/dead-letters'

/** Acts outside that could not be done: each waits for a person, who finds out why and tries again. */
export const Undone = ({ mayRetry }: { mayRetry: boolean }) => {
  const { t, w } = useWords()
  const words = t.staff.undone
  const retry = useSubmit((key, id: string) =>
    post<unknown>(`${letters}/${encodeURIComponent(id)}/retry`, {}, key),
  )
  const nameOf = (kind: string) => {
    const [who = ''] = kind.split('.')
    return words.kinds[who as keyof typeof words.kinds] ?? kind
  }
  const columns: TableProps<DeadLetterJson>['columns'] = [
    {
      title: words.what,
      key: 'kind',
      render: (_, letter) => (
        <span className="stack">
          <strong>{nameOf(letter.kind)}</strong>
          <span className="quiet small">{letter.kind}</span>
        </span>
      ),
    },
    { title: words.since, key: 'since', render: (_, letter) => <When at={letter.since} /> },
    { title: words.attempts, key: 'attempts', render: (_, letter) => words.times(letter.attempts) },
    { title: words.why, key: 'why', render: (_, letter) => (letter.say ? w(letter.say) : '—') },
    {
      title: words.their,
      key: 'their',
      render: (_, letter) => [letter.their?.code, letter.their?.text].filter(Boolean).join(' ') || '—',
    },
    {
      title: <span className="hidden">{words.retry}</span>,
      key: 'retry',
      render: (_, letter) =>
        mayRetry && (
          <Button
            disabled={retry.busy}
            onClick={async () => {
              if (await retry.run(letter.id)) refresh(letters, '/api/staff/today')
            }}
          >
            {words.retry}
          </Button>
        ),
    },
  ]
  return (
    <section>
      <title>{`${words.title} · ${t.staff.page}`}</title>
      <div className="page-head">
        <h1 tabIndex={-1}>{words.title}</h1>
      </div>
      <p className="quiet">{words.say}</p>
      {retry.problem && <Trouble problem={retry.problem} />}
      <Pages<DeadLetterJson>
        path={letters}
        rowKey="id"
        label={words.title}
        none={words.none}
        columns={columns}
      />
    </section>
  )
}

/** Who did what to what, and why; newest first. */
export const Audit = () => {
  const { t } = useWords()
  const words = t.staff.audit
  const columns: TableProps<AuditEntryJson>['columns'] = [
    { title: words.at, key: 'at', render: (_, entry) => <When at={entry.at} /> },
    { title: words.actor, dataIndex: 'actor' },
    { title: words.action, dataIndex: 'action' },
    { title: words.subject, dataIndex: 'subject', className: 'figure' },
    { title: words.reason, dataIndex: 'reason' },
    {
      title: words.chain,
      key: 'hash',
      className: 'figure',
      render: (_, entry) => `${entry.seq} · ${entry.hash.slice(0, 8)}`,
    },
  ]
  return (
    <section>
      <title>{`${words.title} · ${t.staff.page}`}</title>
      <div className="page-head">
        <h1 tabIndex={-1}>{words.title}</h1>
      </div>
      <p className="quiet">{words.say}</p>
      <Pages<AuditEntryJson>
        path="/api/staff/audit"
        rowKey="seq"
        label={words.title}
        none={words.none}
        columns={columns}
      />
    </section>
  )
}
