import { digest } from '../../adapters/couriers/sf/signing.ts'
import type { Clock, Millis } from '../../kernel/clock.ts'
import { Faults } from '../faults.ts'
import { type PartyReply, type PartyRequest, startHttpParty } from '../http-party.ts'
import { createOrders, type Data, type Inner, type ParcelView, type SavedOrders } from './orders.ts'
import { createPushes, type PushFault } from './pushes.ts'

/** `acted-cut`: the call takes effect and its answer is lost. */
export type SfFault =
  | { readonly kind: 'http-500' }
  | { readonly kind: 'cut' }
  | { readonly kind: 'acted-cut' }
  | { readonly kind: 'slow'; readonly by: Millis }
  | { readonly kind: 'outer'; readonly code: string }
  | { readonly kind: 'garbled' }

/** One step of a parcel's way after it was booked. */
export interface Step {
  readonly after: Millis
  readonly opCode: string
}
const hour = 3_600_000
/** Collected, sorted, arrived, out for delivery, signed: a day and a bit. */
export const usualCourse: readonly Step[] = [
  { after: 2 * hour, opCode: '50' },
  { after: 5 * hour, opCode: '30' },
  { after: 14 * hour, opCode: '31' },
  { after: 20 * hour, opCode: '44' },
  { after: 23 * hour, opCode: '80' },
]

export interface SandboxSfOptions {
  readonly clock: Clock
  readonly partnerId: string
  readonly checkWord: string
  /** Where route pushes go; can also be said later. */
  readonly hookUrl?: string
  /** The documents contradict each other on a repeated order number: both behaviours are met in the field. */
  readonly repeatedOrder?: '8016' | 'first-waybill'
  /** Services the customer has not contracted: refused before the signature is looked at. */
  readonly withheld?: readonly string[]
  /** Every booked parcel travels by itself. */
  readonly autoRun?: readonly Step[]
  /** What an earlier run wrote down; parcels on their way go on. */
  readonly saved?: SavedOrders
  readonly port?: number
}
export interface SandboxSf {
  readonly url: string
  readonly calls: readonly { readonly service: string; readonly code: string; readonly errorCode: string }[]
  readonly pushes: readonly { readonly opCodes: readonly string[]; readonly taken: boolean }[]
  pushTo(hookUrl: string | undefined): void
  /** A parcel is seen; resolves when the push was tried once. False for an unknown waybill. */
  move(waybill: string, opCode: string): Promise<boolean>
  parcels(): readonly ParcelView[]
  /** Everything, for the next run. */
  toJSON(): SavedOrders
  /** On a service code, `*`, or `push`. */
  fail(on: string, fault: SfFault | PushFault, times?: number): void
  idle(): boolean
  close(): Promise<void>
}

/** SF's 丰桥 gateway of the sandbox, over real HTTP, with its route pushes. */
export const startSandboxSf = async (options: SandboxSfOptions): Promise<SandboxSf> => {
  const faults = new Faults<SfFault>()
  const pushFaults = new Faults<PushFault>()
  const orders = createOrders(
    options.clock,
    options.repeatedOrder ?? '8016',
    waybill => start(waybill),
    options.saved,
  )
  const pushes = createPushes(options.clock, pushFaults)
  const calls: { service: string; code: string; errorCode: string }[] = []
  const seen = new Set<string>()
  pushes.to(options.hookUrl)

  const move = async (waybill: string, opCode: string): Promise<boolean> => {
    const route = orders.move(waybill, opCode)
    if (route) await pushes.push(route)
    return route !== undefined
  }
  const travel = (waybill: string, seen: readonly string[]): void => {
    for (const step of (options.autoRun ?? []).filter(one => !seen.includes(one.opCode)))
      options.clock.after(step.after, () => {
        if (!orders.isCancelled(waybill)) void move(waybill, step.opCode)
      })
  }
  const start = (waybill: string): void => travel(waybill, [])
  for (const { waybill, cancelled, opCodes } of orders.view()) if (!cancelled) travel(waybill, opCodes)
  const act = (form: URLSearchParams): { code: string; inner?: Inner } => {
    const code = checkEnvelope(form, options, seen)
    if (code !== undefined) return { code }
    const service = form.get('serviceCode') ?? ''
    const data = readData(form.get('msgData') ?? '')
    const handler = orders.services[service]
    if (!data || !handler) return { code: 'A1099' }
    return { code: 'A1000', inner: handler(data) }
  }
  const handle = async (request: PartyRequest): Promise<PartyReply | undefined> => {
    if (request.path !== '/std/service') return { status: 404, body: 'Not Found' }
    const form = new URLSearchParams(request.body)
    const service = form.get('serviceCode') ?? ''
    const fault = faults.next(service)
    if (fault?.kind === 'cut') return undefined
    if (fault?.kind === 'http-500') return { status: 500, body: 'Internal Server Error' }
    const result = fault?.kind === 'outer' ? { code: fault.code } : act(form)
    calls.push({ service, code: result.code, errorCode: errorCodeOf(result.inner) })
    if (fault?.kind === 'acted-cut') return undefined
    if (fault?.kind === 'slow') await new Promise<void>(resolve => options.clock.after(fault.by, resolve))
    const body = envelope(result.code, result.inner, calls.length)
    return {
      headers: { 'content-type': 'application/json;charset=UTF-8' },
      body: fault?.kind === 'garbled' ? body.slice(0, body.length / 2) : body,
    }
  }

  const party = await startHttpParty(handle, options.port)
  return {
    url: `${party.url}/std/service`,
    calls,
    pushes: pushes.attempts,
    pushTo: pushes.to,
    move,
    parcels: orders.view,
    toJSON: orders.toJSON,
    fail: (on, fault, times) =>
      on === 'push'
        ? pushFaults.order(on, fault as PushFault, times)
        : faults.order(on, fault as SfFault, times),
    idle: pushes.idle,
    close: async () => {
      pushes.close()
      await party.close()
    },
  }
}

const fields = ['partnerID', 'requestID', 'serviceCode', 'timestamp', 'msgData', 'msgDigest']

/** Permission is looked at before the signature: who forgot to order a service sees A1004, not A1006. */
const checkEnvelope = (
  form: URLSearchParams,
  options: SandboxSfOptions,
  seen: Set<string>,
): string | undefined => {
  if (fields.some(name => !form.get(name))) return 'A1001'
  if (Math.abs(Number(form.get('timestamp')) - options.clock.now()) > hour) return 'A1002'
  if (options.withheld?.includes(form.get('serviceCode')!)) return 'A1004'
  const expected = digest(form.get('msgData')!, form.get('timestamp')!, options.checkWord)
  if (form.get('partnerID') !== options.partnerId || form.get('msgDigest') !== expected) return 'A1006'
  if (seen.has(form.get('requestID')!)) return 'A1007'
  seen.add(form.get('requestID')!)
  return undefined
}

const errorCodeOf = (inner: Inner | undefined): string =>
  inner === undefined ? '' : inner.ok ? 'S0000' : inner.errorCode

/** The inner answer travels as a JSON text inside JSON. */
const envelope = (code: string, inner: Inner | undefined, number: number): string =>
  JSON.stringify({
    apiErrorMsg: code === 'A1000' ? '' : '网关拒绝',
    apiResponseID: `000${number.toString(16).padStart(29, '0').toUpperCase()}`,
    apiResultCode: code,
    apiResultData:
      inner === undefined
        ? null
        : JSON.stringify(
            inner.ok
              ? { success: true, errorCode: 'S0000', errorMsg: null, msgData: inner.data }
              : { success: false, errorCode: inner.errorCode, errorMsg: inner.errorMsg, msgData: null },
          ),
  })

const readData = (text: string): Data | undefined => {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? (value as Data) : undefined
  } catch {
    return undefined
  }
}
