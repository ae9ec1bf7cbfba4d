import { Radio } from 'antd-mobile'
import { useState } from 'react'
import type { LibraryJson } from '../../gateway/http/api/open.ts'
import type { LineJson, MeJson, OrderJson } from '../../gateway/http/api/reader.ts'
import { MainAct } from '../base/acts.tsx'
import { post } from '../base/api.ts'
import { refresh } from '../base/data.ts'
import { Loaded, Trouble } from '../base/parts.tsx'
import { Qr } from '../base/qr.tsx'
import { goInstead, to, useRoute } from '../base/route.ts'
import { useSubmit } from '../base/submit.ts'
import { useWords } from '../base/words.tsx'
import { AddressPlaces, BranchPlaces, type Choice, firstChoice, LockerPlaces } from './delivery.tsx'
import { lineAddress } from './line-acts.tsx'
import { useOrder } from './order.tsx'
import { useLibrary } from './session.ts'
import { Page } from './shell.tsx'
import { SignedIn } from './signed-in.tsx'

type Way = 'locker' | 'branch' | 'courier'

const waysOf = (line: LineJson): Way[] =>
  (['locker', 'branch', 'courier'] as const).filter(way => line.can.includes(`return-${way}`))

const bodyOf = (way: Way, choice: Choice) => {
  if (way === 'locker') return choice.lockerId ? { way, lockerId: choice.lockerId } : undefined
  if (way === 'branch') return choice.branchId ? { way, branchId: choice.branchId } : undefined
  return choice.addressId ? { way, addressId: choice.addressId } : undefined
}

interface Giving {
  readonly order: OrderJson
  readonly line: LineJson
  readonly me: MeJson
  readonly library: LibraryJson
}

const Form = ({ order, line, me, library }: Giving) => {
  const { t } = useWords()
  const { hash } = useRoute()
  const words = t.reader.giveBack
  const ways = waysOf(line)
  const [way, setWay] = useState<Way>(ways[0] ?? 'locker')
  const [choice, setChoice] = useState(() => firstChoice(library, me))
  const set = (changes: Partial<Choice>) => setChoice({ ...choice, ...changes })
  const submit = useSubmit((key, body: NonNullable<ReturnType<typeof bodyOf>>) =>
    post<unknown>(`${lineAddress(order.id, line.id)}/return`, body, key),
  )
  const body = bodyOf(way, choice)
  const send = async () => {
    if (!body) return
    const answer = await submit.run(body)
    if (answer === undefined) return
    refresh('/api/orders', '/api/me')
    goInstead(to(`order/${encodeURIComponent(order.id)}`))
  }
  return (
    <>
      <fieldset className="card ways-to-get">
        <legend>
          <span className="title">{line.title}</span>
        </legend>
        <Radio.Group value={way} onChange={value => setWay(value as Way)}>
          {ways.map(one => (
            <Radio key={one} value={one} block className="join-way">
              <span>{words.ways[one]}</span>
              <span className="quiet small block">{words.text[one]}</span>
            </Radio>
          ))}
        </Radio.Group>
        {way === 'locker' && (
          <LockerPlaces
            library={library}
            label={words.where}
            value={choice.lockerId}
            choose={lockerId => set({ lockerId })}
          />
        )}
        {way === 'branch' && (
          <BranchPlaces
            library={library}
            label={words.where}
            value={choice.branchId}
            choose={branchId => set({ branchId })}
          />
        )}
        {way === 'courier' && (
          <AddressPlaces
            me={me}
            label={words.from}
            value={choice.addressId}
            next={hash}
            choose={addressId => set({ addressId })}
          />
        )}
      </fieldset>
      {way === 'locker' && line.barcode && (
        <section className="card return-qr">
          <div className="code-qr">
            <Qr text={line.id} label={words.label} />
          </div>
          <p className="small quiet">{words.showThis}</p>
        </section>
      )}
      {submit.problem && <Trouble problem={submit.problem} />}
      <div className="act-bar">
        <MainAct busy={submit.busy} disabled={!body} onClick={send}>
          {words.submit}
        </MainAct>
      </div>
    </>
  )
}

/** Any locker and any branch of the consortium takes a book back; the reader's own come first. */
const withNeighbours = (own: LibraryJson, all: readonly LibraryJson[]): LibraryJson => {
  const others = all.filter(one => one.id !== own.id)
  return {
    ...own,
    lockers: [...own.lockers, ...others.flatMap(one => one.lockers)],
    branches: [...own.branches, ...others.flatMap(one => one.branches)],
  }
}

const Known = ({ me }: { me: MeJson }) => {
  const { path } = useRoute()
  const order = useOrder()
  const { library, libraries } = useLibrary()
  const everywhere = library && withNeighbours(library, libraries)
  return (
    <Loaded of={order}>
      {known => {
        const line = known.lines.find(one => one.id === path[3])
        return line && everywhere ? <Form order={known} line={line} me={me} library={everywhere} /> : null
      }}
    </Loaded>
  )
}

export default function GiveBack() {
  const { t } = useWords()
  return (
    <Page title={t.reader.giveBack.title}>
      <SignedIn>{me => <Known me={me} />}</SignedIn>
    </Page>
  )
}
