import type { LineJson, OrderJson } from '../../gateway/http/api/reader.ts'
import { Cover } from '../base/cover.tsx'
import { useData } from '../base/data.ts'
import { Icon } from '../base/icons.tsx'
import { FeeLine, Loaded, When } from '../base/parts.tsx'
import { to, useRoute } from '../base/route.ts'
import { useWords } from '../base/words.tsx'
import { DueIn } from './book-row.tsx'
import { wayIcons } from './delivery.tsx'
import { LineActs } from './line-acts.tsx'
import { Page } from './shell.tsx'
import { SignedIn } from './signed-in.tsx'

/** What happened is solid, what is promised is hollow; each with its time. */
const Timeline = ({ line }: { line: LineJson }) => {
  const { t, w } = useWords()
  const last = line.timeline.findLastIndex(step => step.done)
  return (
    <ol className="timeline" aria-label={t.reader.order.steps}>
      {line.timeline.map((step, at) => (
        <li
          key={`${step.step}${step.at ?? at}`}
          className={step.done ? (at === last ? 'done latest' : 'done') : 'promised'}
          aria-current={at === last ? 'step' : undefined}
        >
          <div className="step">
            <span>{w(step.name)}</span>
            <span className="hidden">{step.done ? t.reader.order.past : t.reader.order.future}</span>
            {step.at && (
              <span className="quiet small">
                <When at={step.at} />
              </span>
            )}
          </div>
          {step.note && <p className="quiet small">{w(step.note)}</p>}
        </li>
      ))}
    </ol>
  )
}

/** Only then does it matter how long the book may stay. */
const withReader: readonly LineJson['status'][] = ['delivered', 'collected', 'on_loan', 'return_requested']

const LineState = ({ line }: { line: LineJson }) => {
  const { t, w } = useWords()
  if (line.outcome) return <span className="quiet">{t.reader.order.outcomes[line.outcome]}</span>
  return (
    <>
      <span>{w(line.statusName)}</span>
      {line.dueAt && withReader.includes(line.status) && (
        <>
          {' · '}
          <DueIn dueAt={line.dueAt} />
        </>
      )}
    </>
  )
}

const OneLine = ({ order, line, alone }: { order: OrderJson; line: LineJson; alone: boolean }) => {
  const { t, w } = useWords()
  return (
    <article className="card line" aria-label={line.title}>
      <div className="line-head">
        <Cover book={line} width={56} />
        <div>
          <h2>
            <a className="title" href={to(`book/${encodeURIComponent(line.recordId)}`)}>
              {line.title}
            </a>
          </h2>
          {line.author && <p className="quiet small">{line.author}</p>}
          <p>
            <LineState line={line} />
          </p>
        </div>
      </div>
      {line.ilsPending && (
        <p className="strip">
          <Icon name="clock" size={20} />
          {t.reader.order.waiting}
        </p>
      )}
      {line.trouble && (
        <p className="strip">
          <Icon name="look" size={20} />
          {w(line.trouble)}
        </p>
      )}
      {alone ? (
        <Timeline line={line} />
      ) : (
        <details className="why">
          <summary>{t.reader.order.whole}</summary>
          <Timeline line={line} />
        </details>
      )}
      <LineActs order={order} line={line} />
    </article>
  )
}

const One = ({ order }: { order: OrderJson }) => {
  const { t, w } = useWords()
  return (
    <>
      <section className="card sum" aria-label={t.reader.order.title(order.number)}>
        <div className="fee-sum">
          <span className="way-name">
            <Icon name={wayIcons[order.delivery.way]} size={22} />
            {w(order.delivery.name)}
          </span>
          {order.promisedAt && (
            <strong>
              <span className="quiet small">{t.reader.order.promised} </span>
              <When at={order.promisedAt} />
            </strong>
          )}
        </div>
        <FeeLine fee={order.fee} label={t.reader.cart.fee} />
      </section>
      {order.lines.map(line => (
        <OneLine key={line.id} order={order} line={line} alone={order.lines.length === 1} />
      ))}
      <p className="quiet small note">
        {t.reader.order.placedAt} <When at={order.createdAt} /> · {t.reader.order.live}
      </p>
      {order.hasCode && (
        <div className="act-bar">
          <a className="main-link" href={to(`order/${encodeURIComponent(order.id)}/code`)}>
            <Icon name="scan" />
            {t.reader.order.showCode}
          </a>
        </div>
      )}
    </>
  )
}

export const useOrder = () => {
  const { path } = useRoute()
  return useData<OrderJson>(path[1] ? `/api/orders/${encodeURIComponent(path[1])}` : null)
}

const Known = () => {
  const order = useOrder()
  return (
    <Loaded of={order} lines={10}>
      {known => <One order={known} />}
    </Loaded>
  )
}

export default function Order() {
  const { t } = useWords()
  const { path } = useRoute()
  const order = useOrder()
  return (
    <Page title={t.reader.order.title(order.data?.number ?? path[1] ?? '')}>
      <SignedIn>{() => <Known />}</SignedIn>
    </Page>
  )
}
