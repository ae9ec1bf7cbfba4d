import { lazy, Suspense } from 'react'
import { Empty, Waiting } from '../base/parts.tsx'
import { useArrival, useRoute } from '../base/route.ts'
import { useStream } from '../base/stream.ts'
import { useWords } from '../base/words.tsx'
import Home from './home.tsx'
import { ears, useReader } from './session.ts'
import { Footer, Header, Page } from './shell.tsx'

const Address = lazy(() => import('./address.tsx'))
const BasketPage = lazy(() => import('./basket-page.tsx'))
const Book = lazy(() => import('./book.tsx'))
const Code = lazy(() => import('./code.tsx'))
const Credit = lazy(() => import('./credit.tsx'))
const GiveBack = lazy(() => import('./give-back.tsx'))
const Here = lazy(() => import('./here.tsx'))
const Join = lazy(() => import('./join.tsx'))
const Me = lazy(() => import('./me.tsx'))
const Messages = lazy(() => import('./messages.tsx'))
const Order = lazy(() => import('./order.tsx'))
const Orders = lazy(() => import('./orders.tsx'))
const Places = lazy(() => import('./places.tsx'))
const Rules = lazy(() => import('./rules.tsx'))
const Search = lazy(() => import('./search.tsx'))
const SignIn = lazy(() => import('./sign-in.tsx'))
const Transfer = lazy(() => import('./transfer.tsx'))

const pages = {
  address: Address,
  basket: BasketPage,
  book: Book,
  credit: Credit,
  here: Here,
  join: Join,
  at: Here,
  login: SignIn,
  me: Me,
  messages: Messages,
  orders: Orders,
  places: Places,
  rules: Rules,
  search: Search,
}

const NotHere = () => {
  const { t } = useWords()
  return (
    <Page title={t.trouble.notHere}>
      <Empty say={t.trouble.notHereNext}>
        <a href="#/">{t.reader.home}</a>
      </Empty>
    </Page>
  )
}

/** `order/{id}`, `order/{id}/code`, `order/{id}/line/{lineId}/return|transfer` */
const orderPage = (path: readonly string[]) => {
  if (path[2] === 'code') return Code
  if (path[2] === 'line' && path[4] === 'return') return GiveBack
  if (path[2] === 'line' && path[4] === 'transfer') return Transfer
  return path.length === 2 ? Order : NotHere
}

const pageOf = (path: readonly string[]) => {
  const [name] = path
  if (name === undefined) return Home
  if (name === 'order') return orderPage(path)
  return name in pages ? pages[name as keyof typeof pages] : NotHere
}

export const App = () => {
  const { t } = useWords()
  const route = useRoute()
  const reader = useReader()
  useArrival(route)
  useStream(reader.signedIn ? 'reader' : null, ears)
  const Shown = pageOf(route.path)
  const bare = route.path[2] === 'code'
  return (
    <>
      <button type="button" className="skip" onClick={() => document.getElementById('main')?.focus()}>
        {t.skip}
      </button>
      {!bare && <Header />}
      <main id="main" tabIndex={-1}>
        <Suspense fallback={<Waiting lines={8} />}>
          <Shown />
        </Suspense>
      </main>
      {!bare && <Footer />}
    </>
  )
}
