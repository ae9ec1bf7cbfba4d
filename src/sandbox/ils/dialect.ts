import type { ZoneStyle } from '../../adapters/ils/sip2/dates.ts'
import type { Encoding } from '../../adapters/ils/sip2/encodings.ts'

/** How one library system speaks the protocol. Every switch has been seen at a real one. */
export interface Dialect {
  readonly encoding: Encoding
  readonly terminator: '\r' | '\r\n' | '\n'
  /**
   * - `off`: no AY, AZ in answers, those of requests are not looked at.
   * - `on`: a request without them gets 96.
   * - `mirror`: on for the connection from the first request that has them.
   * - `dp2`: always `AY4` and the sum over the UTF-16 units of the text before it.
   */
  readonly checksums: 'off' | 'on' | 'mirror' | 'dp2'
  /** The same AY and AZ as before: the answer again, without acting again. Perl servers lack it. */
  readonly duplicateRule: boolean
  /** 97 is answered with the digit of the first answer; Perl servers write 0. */
  readonly resendSequence: 'kept' | 'zero'
  readonly dueDateFormat: 'sip' | 'date' | 'date-time' | 'iii'
  readonly dateZone: ZoneStyle
  /** BX: 16 of Y and N. Messages with N are unknown commands. */
  readonly supported: string
  readonly unknownCommand: '96' | 'close' | 'ignore'
  /** AO; the library's own when absent. */
  readonly institution?: string
  /** What happens to requests that name another AO. */
  readonly foreignInstitution: 'accept' | 'ignore'
  /** The hold count of 64: those that wait to be fetched, or all. */
  readonly holdCountMeaning: 'waiting' | 'all'
  readonly itemListContent: 'barcode' | 'title'
  /** BP and BQ; some send the whole list whatever they say. */
  readonly listPages: 'honoured' | 'ignored'
  readonly requiresLogin: boolean
  /** Terminals send AD with every act, or are refused. */
  readonly patronPasswordNeeded: boolean
  /** CQ for an empty AD: left out, N, or Y for all (Spydus, Koha with empty passwords allowed). */
  readonly blankPin: 'not-told' | 'N' | 'Y'
  /** A checkout of an own loan renews it: where the terminal's policy allows it, or always (Alma, Koha). */
  readonly renewsByCheckout: 'as-asked' | 'always'
  /** A book that was in already: 10 with ok 1 or 0. */
  readonly checkedInOk: boolean
  /** Blanks after the last field (Spydus). */
  readonly trailingPadding: number
  /** Fields beyond the protocol: CR CS CT CV CY DA, PA PC. */
  readonly extensions: boolean
  /** A further one is closed at once. */
  readonly maxConnections: number
  /** Of 98: tenths of a second, and tries. */
  readonly timeout: string
  readonly retries: string
}

const everything = 'Y'.repeat(16)

/** A modern system with Chinese in UTF-8 and error detection on. */
export const utf8Checksums: Dialect = {
  encoding: 'utf-8',
  terminator: '\r',
  checksums: 'on',
  duplicateRule: true,
  resendSequence: 'kept',
  dueDateFormat: 'date-time',
  dateZone: 'blank',
  supported: everything,
  unknownCommand: 'ignore',
  foreignInstitution: 'accept',
  holdCountMeaning: 'all',
  itemListContent: 'barcode',
  listPages: 'honoured',
  requiresLogin: true,
  patronPasswordNeeded: false,
  blankPin: 'not-told',
  renewsByCheckout: 'as-asked',
  checkedInOk: true,
  trailingPadding: 0,
  extensions: true,
  maxConnections: 50,
  timeout: '600',
  retries: '003',
}

/** An older Chinese system: GB18030, no error detection, no login, few connections, dates without time. */
export const gb18030Plain: Dialect = {
  ...utf8Checksums,
  encoding: 'gb18030',
  checksums: 'off',
  dueDateFormat: 'date',
  unknownCommand: 'close',
  requiresLogin: false,
  listPages: 'ignored',
  blankPin: 'N',
  maxConnections: 4,
  timeout: '100',
}

/**
 * In the manner of Koha (C4/SIP): CRLF, 96 for what it does not know, holds are those that wait to be fetched,
 * a returned book that was in already is not ok, a checkout of an own loan renews it, no rule for duplicates,
 * resent answers with AY0.
 */
export const kohaManner: Dialect = {
  ...utf8Checksums,
  terminator: '\r\n',
  checksums: 'mirror',
  duplicateRule: false,
  resendSequence: 'zero',
  dueDateFormat: 'sip',
  unknownCommand: '96',
  holdCountMeaning: 'waiting',
  blankPin: 'N',
  renewsByCheckout: 'always',
  checkedInOk: false,
}

/** In the manner of dp2 (DigitalPlatform): a checksum of its own, and only part of the messages it claims. */
export const dp2Manner: Dialect = {
  ...utf8Checksums,
  checksums: 'dp2',
  duplicateRule: false,
  dueDateFormat: 'date',
  supported: 'NYYNYNYYYYYNNNYN',
  unknownCommand: 'ignore',
}

export const dialects: Readonly<Record<string, Dialect>> = {
  'utf8-checksums': utf8Checksums,
  'gb18030-plain': gb18030Plain,
  'koha-manner': kohaManner,
  'dp2-manner': dp2Manner,
}

/** Position of each command in BX. */
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

export const serves = (mask: string, command: string): boolean => {
  const position = positions[command]
  return position !== undefined && (mask[position] ?? 'N') === 'Y'
}
