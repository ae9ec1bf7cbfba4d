import { field, type Parsed } from './codec.ts'

/** What a library system says of itself in 98. */
export interface AcsStatus {
  readonly online: boolean
  readonly checkin: boolean
  readonly checkout: boolean
  readonly renewal: boolean
  /** Takes transactions that happened while it was away. */
  readonly offlineTransactions: boolean
  /** Milliseconds an answer may take, between 3 and 60 s; undefined when it does not know. */
  readonly timeout?: number
  /** Up to 5; undefined when it does not know. */
  readonly retries?: number
  readonly version: string
  /** AO. */
  readonly institution: string
  /** AM. */
  readonly libraryName?: string
  /** BX: a Y or N for each message; often longer, shorter, or untrue. */
  readonly supported?: string
  readonly messages: readonly string[]
}

const number = (text: string | undefined): number | undefined =>
  text !== undefined && /^ *\d+ *$/.test(text) && text.trim() !== '999' ? Number(text) : undefined

/** Reads 98. Its timer is a hint: tenths of a second, taken within 3 and 60 s. */
export const readStatus = (parsed: Parsed): AcsStatus => {
  const { fixed } = parsed
  const tenths = number(fixed.timeout)
  const retries = number(fixed.retries)
  const libraryName = field(parsed, 'AM')
  const supported = field(parsed, 'BX')
  return {
    online: fixed.onlineStatus === 'Y',
    checkin: fixed.checkinOk === 'Y',
    checkout: fixed.checkoutOk === 'Y',
    renewal: fixed.renewalPolicy === 'Y',
    offlineTransactions: fixed.offlineOk === 'Y',
    version: fixed.version ?? '',
    institution: field(parsed, 'AO') ?? '',
    messages: parsed.fields.filter(([id]) => id === 'AF').map(([, value]) => value),
    ...(tenths === undefined || tenths === 0
      ? {}
      : { timeout: Math.min(60_000, Math.max(3_000, tenths * 100)) }),
    ...(retries === undefined ? {} : { retries: Math.min(5, retries) }),
    ...(libraryName === undefined ? {} : { libraryName }),
    ...(supported === undefined ? {} : { supported }),
  }
}

/** Where BX tells of a request. */
const positions: Readonly<Record<string, number>> = {
  '23': 0,
  '11': 1,
  '09': 2,
  '01': 3,
  '99': 4,
  '97': 5,
  '93': 6,
  '63': 7,
  '35': 8,
  '37': 9,
  '17': 10,
  '19': 11,
  '25': 12,
  '15': 13,
  '29': 14,
  '65': 15,
}

/** Where BX tells of a request; undefined for commands it has no place for. */
export const positionInMask = (command: string): number | undefined => positions[command]

/** What the mask says of a request: only a plain N means no. */
export const deniedByMask = (supported: string | undefined, command: string): boolean =>
  supported?.[positions[command] ?? -1] === 'N'
