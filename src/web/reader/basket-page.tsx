import { Radio } from 'antd-mobile'
import { useEffect, useMemo, useState } from 'react'
import type { LibraryJson } from '../../gateway/http/api/open.ts'
import type {
  DeliveryInput,
  MeJson,
  OrderInput,
  OrderJson,
  QuoteJson,
} from '../../gateway/http/api/reader.ts'
import { MainAct } from '../base/acts.tsx'
import { ApiProblem, post } from '../base/api.ts'
import { now } from '../base/clock.ts'
import { Cover } from '../base/cover.tsx'
import { put, refresh } from '../base/data.ts'
import { Icon } from '../base/icons.tsx'
import { Empty, FeeLine, Trouble, Waiting, When } from '../base/parts.tsx'
import { goInstead, to } from '../base/route.ts'
import { sayMoney, sayWhen } from '../base/say.ts'
import { useSubmit } from '../base/submit.ts'
import { useWords } from '../base/words.tsx'
import { emptyBasket, takeOut, useBasket, type Wanted } from './basket.ts'
import {
  AddressPlaces,
  BranchPlaces,
  type Choice,
  deliveryOf,
  deliveryWays,
  firstChoice,
  LockerPlaces,
  rememberChoice,
  type Way,
  WayRow,
} from './delivery.tsx'
import { useLibrary, useReader } from './session.ts'
import { Page } from './shell.tsx'

type Quotes = Readonly<Partial<Record<Way, QuoteJson | ApiProblem>>>

/** Price and promise of every way, asked at once, so that they can be compared before choosing. */
const useQuotes = (books: readonly Wanted[], choice: Choice | undefined, round: number): Quotes => {
  const [quotes, setQuotes] = useState<Quotes>({})
  const question =
    choice && JSON.stringify([books.map(b => b.id), ...deliveryWays.map(w => deliveryOf(choice, w))])
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new round asks the same question again
  useEffect(() => {
    if (!question) return undefined
    let wanted = true
    const [recordIds, ...deliveries] = JSON.parse(question) as [string[], ...(DeliveryInput | null)[]]
    for (const delivery of deliveries) {
      if (!delivery) continue
      post<QuoteJson>('/api/orders/quote', { recordIds, delivery })
        .catch((thrown: unknown) => {
          if (thrown instanceof ApiProblem) return thrown
          throw thrown
        })
        .then(answer => wanted && setQuotes(known => ({ ...known, [delivery.way]: answer })))
    }
    return () => {
      wanted = false
    }
  }, [question, round])
  return quotes
}

const Books = ({ books, quote }: { books: readonly Wanted[]; quote: QuoteJson | undefined }) => {
  const { t, w } = useWords()
  return (
    <ul className="card rows">
      {books.map(book => {
        const problem = quote?.problems.find(p => p.recordId === book.id)
        return (
          <li key={book.id} className="book-row">
            <Cover book={book} width={44} />
            <div className="book-row-text">
              <a className="title" href={to(`book/${encodeURIComponent(book.id)}`)}>
                {book.title}
              </a>
              <span className="small quiet">{book.author}</span>
              {problem && (
                <span className="small bad">
                  <Icon name="alert" size={18} /> {w(problem.reason)}
                </span>
              )}
            </div>
            <button
              type="button"
              className="row-act"
              aria-label={t.reader.cart.removeOf(book.title)}
              onClick={() => takeOut(book.id)}
            >
              {t.reader.cart.remove}
            </button>
          </li>
        )
      })}
    </ul>
  )
}

const Where = (props: {
  choice: Choice
  library: LibraryJson
  me: MeJson
  set: (changes: Partial<Choice>) => void
}) => {
  const { t } = useWords()
  const { choice, library, me, set } = props
  const label = t.reader.cart.where[choice.way]
  if (choice.way === 'locker')
    return (
      <LockerPlaces
        library={library}
        label={label}
        value={choice.lockerId}
        choose={lockerId => set({ lockerId })}
      />
    )
  if (choice.way === 'branch')
    return (
      <BranchPlaces
        library={library}
        label={label}
        value={choice.branchId}
        choose={branchId => set({ branchId })}
      />
    )
  return (
    <AddressPlaces
      me={me}
      label={label}
      value={choice.addressId}
      next="#/basket"
      choose={addressId => set({ addressId })}
    />
  )
}

const Sum = ({ quote, way }: { quote: QuoteJson; way: Way }) => {
  const { t } = useWords()
  return (
    <div className="card sum">
      {quote.promisedAt && (
        <div className="fee-sum">
          <span>{t.reader.cart.expectLabel}</span>
          <strong>
            <When at={quote.promisedAt} /> {way === 'home' ? t.reader.cart.arrive : t.reader.cart.ready}
          </strong>
        </div>
      )}
      <FeeLine fee={quote.fee} label={t.reader.cart.fee} />
      {quote.parcels > 1 && <p className="small quiet">{t.reader.cart.parcels(quote.parcels)}</p>}
    </div>
  )
}

const Ordering = (props: { books: readonly Wanted[]; library: LibraryJson; me: MeJson }) => {
  const { t, language } = useWords()
  const { books, library, me } = props
  const [choice, setChoice] = useState(() => firstChoice(library, me))
  const [round, setRound] = useState(0)
  const quotes = useQuotes(books, choice, round)
  const delivery = deliveryOf(choice, choice.way)
  const answer = quotes[choice.way]
  const quote = answer instanceof ApiProblem ? undefined : answer
  const submit = useSubmit((key, input: OrderInput) => post<OrderJson>('/api/orders', input, key))
  const send = async () => {
    if (!delivery || !quote) return
    rememberChoice(choice)
    const recordIds = books.map(b => b.id)
    const order = await submit.run({ recordIds, delivery, dueAtMost: quote.fee.due })
    // What it cost when it was shown may be old: it is asked again, and stands beside the reason.
    if (!order) return setRound(round + 1)
    emptyBasket()
    put(`/api/orders/${order.id}`, order)
    // News of it may have come before this answer did: it is shown at once, and asked for again.
    refresh('/api/orders', '/api/me')
    goInstead(to(`order/${encodeURIComponent(order.id)}`))
  }
  const said = (way: Way) => {
    const known = quotes[way]
    return known && !(known instanceof ApiProblem) ? known : undefined
  }
  const promised = (way: Way) => said(way)?.promisedAt ?? undefined
  const blocked = (quote?.problems.length ?? 0) > 0
  return (
    <>
      <Books books={books} quote={quote} />
      <fieldset className="card ways-to-get">
        <legend>{t.reader.cart.how}</legend>
        <Radio.Group value={choice.way} onChange={way => setChoice({ ...choice, way: way as Way })}>
          {deliveryWays.map(way => (
            <WayRow
              key={way}
              way={way}
              price={said(way) && sayMoney(said(way)!.fee.due)}
              when={promised(way) && sayWhen(promised(way)!, now(), language)}
            />
          ))}
        </Radio.Group>
        <Where
          choice={choice}
          library={library}
          me={me}
          set={changes => setChoice({ ...choice, ...changes })}
        />
      </fieldset>
      {quote && <Sum quote={quote} way={choice.way} />}
      {answer instanceof ApiProblem && <Trouble problem={answer} />}
      {!answer && delivery && <Waiting lines={2} />}
      {submit.problem && <Trouble problem={submit.problem} again={send} />}
      <div className="act-bar">
        {blocked && <p className="small quiet">{t.reader.cart.dropFirst}</p>}
        <MainAct busy={submit.busy} disabled={!delivery || !quote || blocked} onClick={send}>
          {t.reader.cart.submit(books.length)}
        </MainAct>
      </div>
    </>
  )
}

const Visitor = ({ books }: { books: readonly Wanted[] }) => {
  const { t } = useWords()
  return (
    <>
      <Books books={books} quote={undefined} />
      <div className="act-bar">
        <a className="main-link" href={to('login', { next: '#/basket' })}>
          {t.reader.cart.signIn}
        </a>
      </div>
    </>
  )
}

const JoinFirst = ({ books }: { books: readonly Wanted[] }) => {
  const { t } = useWords()
  return (
    <>
      <Books books={books} quote={undefined} />
      <p className="note quiet">{t.reader.cart.joinText}</p>
      <div className="act-bar">
        <a className="main-link" href="#/join">
          {t.reader.cart.join}
        </a>
      </div>
    </>
  )
}

export default function BasketPage() {
  const { t, w } = useWords()
  const books = useBasket()
  const reader = useReader()
  const { library } = useLibrary()
  const title = useMemo(
    () => (books.length > 0 ? `${t.reader.cart.title} (${books.length})` : t.reader.cart.title),
    [books.length, t],
  )
  const body = () => {
    if (books.length === 0)
      return (
        <Empty say={t.reader.cart.empty}>
          <p>{t.reader.cart.emptyNext}</p>
          <a href="#/search">{t.reader.cart.find}</a>
        </Empty>
      )
    if (reader.signedIn && reader.data && library) {
      if (!reader.data.joined) return <JoinFirst books={books} />
      return (
        <>
          {reader.data.blocks.map(block => (
            <p key={block.en} className="strip bad">
              <Icon name="alert" size={20} />
              {w(block)}
            </p>
          ))}
          <Ordering books={books} library={library} me={reader.data} />
        </>
      )
    }
    return reader.busy ? <Waiting lines={6} /> : <Visitor books={books} />
  }
  return <Page title={title}>{body()}</Page>
}
