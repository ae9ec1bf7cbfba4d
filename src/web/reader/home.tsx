import type { BibBriefJson, ShelfJson } from '../../gateway/http/api/open.ts'
import type { LineJson, OrderJson, OrderPageJson } from '../../gateway/http/api/reader.ts'
import { Cover } from '../base/cover.tsx'
import { useData } from '../base/data.ts'
import { Icon } from '../base/icons.tsx'
import { Mark } from '../base/mark.tsx'
import { Loaded, Waiting, When } from '../base/parts.tsx'
import { to, useHeading } from '../base/route.ts'
import { useWords } from '../base/words.tsx'
import { BookRow } from './book-row.tsx'
import { Browse, SearchBox } from './finding.tsx'
import { useLibrary, useReader, useTown } from './session.ts'

const Welcome = () => {
  const { t } = useWords()
  return (
    <section className="card welcome">
      <Mark size={44} />
      <h2 className="serif">{t.reader.welcome}</h2>
      <p className="quiet">{t.reader.welcomeText}</p>
      <div className="row">
        <a className="main-link" href="#/login">
          {t.reader.signIn}
        </a>
        <a className="quiet-link" href="#/join">
          {t.reader.rulesFirst}
        </a>
      </div>
    </section>
  )
}

const linesOf = (orders: readonly OrderJson[]): { order: OrderJson; line: LineJson }[] =>
  orders.flatMap(order => order.lines.filter(line => line.outcome === null).map(line => ({ order, line })))

const YourBooks = () => {
  const { t } = useWords()
  const orders = useData<OrderPageJson>('/api/orders?state=open')
  return (
    <section aria-labelledby="yours">
      <div className="section-head">
        <h2 id="yours">{t.reader.yourBooks}</h2>
        <a href="#/orders">{t.reader.allYours}</a>
      </div>
      <Loaded of={orders} lines={3}>
        {({ items }) => {
          const lines = linesOf(items)
          if (lines.length === 0) return <p className="card note quiet">{t.reader.noBooks}</p>
          return (
            <ul className="card rows">
              {lines.slice(0, 4).map(({ order, line }) => (
                <BookRow key={line.id} order={order} line={line} />
              ))}
            </ul>
          )
        }}
      </Loaded>
    </section>
  )
}

const Shelf = ({ id, name, items }: { id: string; name: string; items: readonly BibBriefJson[] }) => (
  <section aria-labelledby={`shelf-${id}`}>
    <div className="section-head">
      <h2 id={`shelf-${id}`}>{name}</h2>
    </div>
    <ul className="shelf">
      {items.map(book => (
        <li key={book.id}>
          <a href={to(`book/${encodeURIComponent(book.id)}`)}>
            <Cover book={book} width={96} />
            <span className="title">{book.title}</span>
            <span className="quiet small">{book.author}</span>
          </a>
        </li>
      ))}
    </ul>
  </section>
)

const Notices = () => {
  const { t, w } = useWords()
  const { data } = useTown()
  if (!data || data.notices.length === 0) return null
  return (
    <section aria-labelledby="notices">
      <div className="section-head">
        <h2 id="notices">{t.reader.notices}</h2>
      </div>
      <ul className="card rows">
        {data.notices.map(notice => (
          <li key={notice.id}>
            <details className="notice">
              <summary>
                <span>{w(notice.title)}</span>
                <span className="quiet small">
                  <When at={notice.from} dayOnly />
                </span>
              </summary>
              <p className="quiet">{w(notice.body)}</p>
            </details>
          </li>
        ))}
      </ul>
    </section>
  )
}

const IlsSays = () => {
  const { t, w } = useWords()
  const { library } = useLibrary()
  if (!library || library.ils === 'up' || library.ils === 'degraded') return null
  return (
    <p className="strip" role="status">
      <Icon name="clock" size={20} />
      {t.reader.ilsDown(w(library.name))}
    </p>
  )
}

export default function Home() {
  const { t, w } = useWords()
  const heading = useHeading()
  const reader = useReader()
  const shelves = useData<ShelfJson[]>('/api/shelves')
  return (
    <>
      <title>{t.reader.page}</title>
      <h1 ref={heading} className="hidden" tabIndex={-1}>
        {t.reader.page}
      </h1>
      <div className="page wide home">
        <div className="home-search">
          <SearchBox />
          <IlsSays />
        </div>
        <div className="home-own">
          {reader.signedIn ? <YourBooks /> : reader.busy ? <Waiting lines={2} /> : <Welcome />}
        </div>
        <div className="home-shelves">
          <Loaded of={shelves} lines={5}>
            {rows => rows.map(row => <Shelf key={row.id} id={row.id} name={w(row.name)} items={row.items} />)}
          </Loaded>
          <Browse />
        </div>
        <div className="home-notices">
          <Notices />
          <nav className="ways" aria-label={t.reader.places}>
            <a href="#/places">
              <Icon name="place" />
              {t.reader.places}
            </a>
            <a href="#/rules">
              <Icon name="rule" />
              {t.reader.rules}
            </a>
          </nav>
        </div>
      </div>
    </>
  )
}
