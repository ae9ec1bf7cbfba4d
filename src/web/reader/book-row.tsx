import type { LineJson, OrderJson } from '../../gateway/http/api/reader.ts'
import { now } from '../base/clock.ts'
import { Cover } from '../base/cover.tsx'
import { Icon } from '../base/icons.tsx'
import { to } from '../base/route.ts'
import { daysUntil } from '../base/say.ts'
import { useWords } from '../base/words.tsx'

/** How long the book may stay: a word, a colour, and near the end a clock. */
export const DueIn = ({ dueAt }: { dueAt: string }) => {
  const { t } = useWords()
  const days = daysUntil(dueAt, now())
  if (days < 0)
    return (
      <span className="due late">
        <Icon name="alert" size={18} />
        {t.reader.overdue(-days)}
      </span>
    )
  return (
    <span className={days <= 3 ? 'due soon' : 'due'}>
      {days <= 3 && <Icon name="clock" size={18} />}
      {t.reader.daysLeft(days)}
    </span>
  )
}

const waitsInLocker = (order: OrderJson, line: LineJson): boolean =>
  order.hasCode && line.status === 'in_locker'

/** One of the reader's books, with the one thing that can be done now. */
export const BookRow = ({ order, line }: { order: OrderJson; line: LineJson }) => {
  const { t, w } = useWords()
  const target = `order/${encodeURIComponent(order.id)}`
  return (
    <li className="book-row">
      <Cover book={line} width={44} />
      <div className="book-row-text">
        <a className="title" href={to(target)}>
          {line.title}
        </a>
        <span className="small">
          {line.outcome ? (
            <span className="quiet">{t.reader.order.outcomes[line.outcome]}</span>
          ) : line.dueAt && line.status === 'on_loan' ? (
            <DueIn dueAt={line.dueAt} />
          ) : (
            <span className="quiet">{w(line.statusName)}</span>
          )}
        </span>
      </div>
      {waitsInLocker(order, line) ? (
        <a className="row-act strong" href={to(`${target}/code`)}>
          <Icon name="scan" size={20} />
          {t.reader.pickUp}
        </a>
      ) : (
        line.can.includes('renew') && (
          <a className="row-act" href={to(target)}>
            {t.reader.renew}
          </a>
        )
      )}
    </li>
  )
}
