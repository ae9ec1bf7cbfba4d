import { useState } from 'react'
import type { OrderPageJson } from '../../gateway/http/api/reader.ts'
import { QuietAct } from '../base/acts.tsx'
import { useData } from '../base/data.ts'
import { Empty, Loaded } from '../base/parts.tsx'
import { go, goInstead, to, useRoute } from '../base/route.ts'
import { useWords } from '../base/words.tsx'
import { BookRow } from './book-row.tsx'
import { Page } from './shell.tsx'
import { SignedIn } from './signed-in.tsx'

type State = 'open' | 'closed'

const List = (props: { state: State; cursor: string | null; more: ((next: string) => void) | undefined }) => {
  const { t } = useWords()
  const query = new URLSearchParams({ state: props.state, ...(props.cursor ? { cursor: props.cursor } : {}) })
  const orders = useData<OrderPageJson>(`/api/orders?${query}`)
  const words = t.reader.orders
  return (
    <Loaded of={orders} lines={6}>
      {({ items, next }) => (
        <>
          {items.length === 0 && props.cursor === null && (
            <Empty say={props.state === 'open' ? words.noneOpen : words.noneClosed}>
              <p>{words.next}</p>
              <QuietAct onClick={() => go('#/search')}>{t.reader.search}</QuietAct>
            </Empty>
          )}
          {items.length > 0 && (
            <ul className="card rows">
              {items.flatMap(order =>
                order.lines.map(line => <BookRow key={line.id} order={order} line={line} />),
              )}
            </ul>
          )}
          {next && props.more && <QuietAct onClick={() => props.more?.(next)}>{t.more}</QuietAct>}
        </>
      )}
    </Loaded>
  )
}

const Lists = ({ state }: { state: State }) => {
  const [cursors, setCursors] = useState<readonly (string | null)[]>([null])
  return cursors.map((cursor, at) => (
    <List
      key={cursor ?? ''}
      state={state}
      cursor={cursor}
      more={at === cursors.length - 1 ? next => setCursors([...cursors, next]) : undefined}
    />
  ))
}

export default function Orders() {
  const { t } = useWords()
  const { query } = useRoute()
  const state: State = query.get('state') === 'closed' ? 'closed' : 'open'
  return (
    <Page title={t.reader.orders.title}>
      <SignedIn>
        {() => (
          <>
            <div className="segments">
              {(['open', 'closed'] as const).map(one => (
                <button
                  key={one}
                  type="button"
                  aria-pressed={one === state}
                  onClick={() => goInstead(to('orders', { state: one }))}
                >
                  {t.reader.orders[one]}
                </button>
              ))}
            </div>
            <Lists key={state} state={state} />
          </>
        )}
      </SignedIn>
    </Page>
  )
}
