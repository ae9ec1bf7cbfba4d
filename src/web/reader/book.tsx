import type { LibraryJson, RecordJson } from '../../gateway/http/api/open.ts'
import { MainAct } from '../base/acts.tsx'
import { Cover } from '../base/cover.tsx'
import { useData } from '../base/data.ts'
import { Icon } from '../base/icons.tsx'
import { Loaded, When } from '../base/parts.tsx'
import { go, useRoute } from '../base/route.ts'
import { useWords } from '../base/words.tsx'
import { mostInBasket, putIn, useBasket } from './basket.ts'
import { useTown } from './session.ts'
import { Page } from './shell.tsx'

const Facts = ({ book }: { book: RecordJson }) => {
  const { t } = useWords()
  const words = t.reader.book
  const rows: [string, string | undefined][] = [
    [words.publisher, [book.place, book.publisher, book.year].filter(Boolean).join(' ')],
    [words.others, book.otherAuthors.join('、')],
    [words.isbn, book.isbn],
    [words.class, book.clc],
    [words.subjects, book.subjects.join('、')],
  ]
  return (
    <dl className="facts">
      {rows.map(
        ([name, value]) =>
          value && (
            <div key={name}>
              <dt className="quiet">{name}</dt>
              <dd className="figure">{value}</dd>
            </div>
          ),
      )}
    </dl>
  )
}

type Holding = RecordJson['holdings'][number]

const HoldingRow = ({ holding, libraries }: { holding: Holding; libraries: readonly LibraryJson[] }) => {
  const { t, w } = useWords()
  const branch = libraries
    .find(l => l.id === holding.libraryId)
    ?.branches.find(b => b.id === holding.branchId)
  return (
    <li>
      <span>{branch ? w(branch.name) : holding.branchId}</span>
      <span className="quiet small figure">
        {holding.callNumber} {holding.shelving === 'closed' && t.reader.book.closedShelf}
      </span>
      <span className={holding.status === 'free' ? 'small free' : 'small quiet'}>
        {holding.status === 'free' && <Icon name="yes" size={16} />}
        {t.reader.book.states[holding.status]}
        {holding.dueAt && (
          <>
            {' '}
            {t.reader.book.backOn} <When at={holding.dueAt} dayOnly />
          </>
        )}
      </span>
    </li>
  )
}

const Holdings = ({ book }: { book: RecordJson }) => {
  const { t, w } = useWords()
  const { data: town } = useTown()
  const libraries = town?.libraries ?? []
  const nameOf = (id: string) => {
    const library = libraries.find(l => l.id === id)
    return library ? w(library.name) : id
  }
  const groups = [...new Set(book.holdings.map(holding => holding.libraryId))]
  return (
    <details className="card fold" open={book.holdings.length <= 4}>
      <summary>{t.reader.book.holdings(groups.length, book.holdings.length)}</summary>
      {groups.map(libraryId => (
        <div key={libraryId} className="holding-group">
          <h3 className="small quiet">{nameOf(libraryId)}</h3>
          <ul className="holdings">
            {book.holdings
              .filter(holding => holding.libraryId === libraryId)
              .map(holding => (
                <HoldingRow key={holding.barcode} holding={holding} libraries={libraries} />
              ))}
          </ul>
        </div>
      ))}
    </details>
  )
}

const AddBar = ({ book }: { book: RecordJson }) => {
  const { t } = useWords()
  const basket = useBasket()
  const inside = basket.some(wanted => wanted.id === book.id)
  const full = basket.length >= mostInBasket
  return (
    <div className="act-bar">
      {full && !inside && <p className="small quiet">{t.reader.book.fullBasket}</p>}
      {inside || full ? (
        <MainAct onClick={() => go('#/basket')}>{t.reader.book.inBasket(basket.length)}</MainAct>
      ) : (
        <MainAct onClick={() => putIn(book)}>{t.reader.book.add}</MainAct>
      )}
    </div>
  )
}

const One = ({ book }: { book: RecordJson }) => {
  const { t, w } = useWords()
  return (
    <article className="book">
      <div className="book-head">
        <Cover book={book} width={124} />
        <div>
          {book.titleRest && <p className="serif">{book.titleRest}</p>}
          <p className="serif maker">{book.author ?? t.reader.nobody}</p>
          <p className="quiet small">{[book.publisher, book.year].filter(Boolean).join(' ')}</p>
          <p className="quiet small figure">{book.clc}</p>
          <p className="promise">
            <Icon name={book.free > 0 ? 'yes' : 'clock'} size={20} />
            {w(book.promise)}
          </p>
        </div>
      </div>
      {book.summary && (
        <section className="card prose" aria-label={t.reader.book.summary}>
          <h3>{t.reader.book.summary}</h3>
          <p>{book.summary}</p>
        </section>
      )}
      <section className="card prose" aria-label={t.reader.book.about}>
        <Facts book={book} />
      </section>
      {book.holdings.length > 0 && <Holdings book={book} />}
      <AddBar book={book} />
    </article>
  )
}

export default function Book() {
  const { path } = useRoute()
  const record = useData<RecordJson>(`/api/records/${encodeURIComponent(path[1] ?? '')}`)
  const { t } = useWords()
  return (
    <Page title={record.data?.title ?? t.reader.book.about} book>
      <Loaded of={record} lines={8}>
        {book => <One book={book} />}
      </Loaded>
    </Page>
  )
}
