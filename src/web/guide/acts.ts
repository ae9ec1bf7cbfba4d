import type { DemoJson } from '../../gateway/http/api/demo.ts'
import type { RulesJson } from '../../gateway/http/api/open.ts'
import type {
  JoinResultJson,
  LineJson,
  MeJson,
  OrderJson,
  OrderPageJson,
  PickupCodeJson,
} from '../../gateway/http/api/reader.ts'
import type {
  KioskAnswerJson,
  ScanResultJson,
  StaffMeJson,
  WorkListJson,
} from '../../gateway/http/api/staff.ts'
import { ApiProblem, get, newKey, post, postAs } from '../base/api.ts'
import { remember } from '../base/settings.ts'
import type { Step } from './tour.ts'

/** Logs in as both people of the demo; the frames share the cookies and the marks. */
export const logIn = async (demo: DemoJson): Promise<void> => {
  const { library, card, pin } = demo.reader
  await post<MeJson>('/api/session/reader', { libraryId: library, card, pin })
  remember('reader', '1')
  remember('library', library)
  await post<StaffMeJson>('/api/session/staff', { user: demo.staff.user, password: demo.staff.password })
  remember('staff', '1')
  const [kiosk] = demo.kiosks
  if (!kiosk) return
  remember('device', kiosk.key)
  remember('way', 'locker')
  remember('locker', kiosk.lockerId)
}

export const ordersNow = async (): Promise<readonly OrderJson[]> =>
  (await get<OrderPageJson>('/api/orders?state=open')).items

export const orderNow = (id: string): Promise<OrderJson> =>
  get<OrderJson>(`/api/orders/${encodeURIComponent(id)}`)

export const codeOf = (orderId: string): Promise<PickupCodeJson> =>
  get<PickupCodeJson>(`/api/orders/${encodeURIComponent(orderId)}/code`)

interface Here {
  readonly demo: DemoJson
  readonly order: OrderJson | undefined
  readonly line: LineJson | undefined
}

const refused = (say: { zh: string; en: string }): ApiProblem =>
  new ApiProblem({ type: 'urn:shuqiao:problem:tour', title: say, status: 0 })

const scan = async (code: string): Promise<void> => {
  const told = await post<ScanResultJson>('/api/staff/scan', { code, mode: 'auto' })
  if (told.signal === 'no') throw refused(told.say)
}

/** A barcode comes to be known when the copy is chosen; staff see it first. */
const barcodeOf = async (line: LineJson): Promise<string> => {
  if (line.barcode) return line.barcode
  const { rows } = await get<WorkListJson>('/api/staff/work/find')
  return rows.find(row => row.lineId === line.id)?.barcode ?? ''
}

const staffAct = (line: LineJson, act: string, body: object): Promise<ScanResultJson> =>
  post<ScanResultJson>(`/api/staff/lines/${encodeURIComponent(line.id)}/${act}`, body, newKey())

/** At the cabinet: the door opens, a hand does its work and closes it. */
const atCabinet = async (
  { demo }: Here,
  errand: 'collect' | 'return' | 'deposit',
  body: object,
): Promise<void> => {
  const key = demo.kiosks[0]?.key ?? ''
  const told = await postAs<KioskAnswerJson>(key, `/api/kiosk/${errand}`, body)
  if (told.signal !== 'open' || !told.visit) throw refused(told.say)
  await postAs<unknown>(key, '/api/demo/hand', { visit: told.visit })
}

/** Nobody borrows online before joining: by the card alone, which asks nobody else. */
const join = async (libraryId: string): Promise<void> => {
  const me = await get<MeJson>('/api/me')
  if (me.joined) return
  const { consent } = await get<RulesJson>(`/api/rules/${encodeURIComponent(libraryId)}`)
  const told = await post<JoinResultJson>(
    '/api/me/join',
    { way: 'card', consent: { textVersion: consent.textVersion, agreed: true } },
    newKey(),
  )
  if (told.result !== 'admitted') throw refused(told.reason)
}

/** Each step as a program does it, for people who only want to watch; the server decides as it does for them. */
const doing: Readonly<Record<Step, (here: Here) => Promise<unknown>>> = {
  order: async ({ demo }) => {
    await join(demo.reader.library)
    const delivery = { way: 'locker', lockerId: demo.kiosks[0]?.lockerId }
    return post<OrderJson>('/api/orders', { recordIds: [demo.book.recordId], delivery }, newKey())
  },
  find: async ({ line }) => line && scan(await barcodeOf(line)),
  pack: async ({ line }) => line && staffAct(line, 'pack', {}),
  load: async here => {
    const code = here.line && (await barcodeOf(here.line))
    if (code) await atCabinet(here, 'deposit', { badge: here.demo.staff.badge, code })
  },
  collect: async here =>
    here.order && atCabinet(here, 'collect', { code: (await codeOf(here.order.id)).code }),
  giveBack: async here => here.line?.barcode && atCabinet(here, 'return', { code: here.line.barcode }),
  receive: async ({ line }) => line?.barcode && scan(line.barcode),
}

export const doStep = (step: Step, here: Here): Promise<unknown> => doing[step](here)
