import type { ZoneStyle } from '../../adapters/ils/sip2/dates.ts'
import type { Encoding } from '../../adapters/ils/sip2/encodings.ts'
import { positionInMask } from '../../adapters/ils/sip2/status.ts'

/** How one library system speaks the protocol. Every switch has been seen at a real one. */
export interface Dialect {
  readonly encoding: Encoding
  /** Until somebody has logged in, where it is another one. */
  readonly loginEncoding?: Encoding
  readonly terminator: '\r' | '\r\n' | '\n'
  readonly delimiter: string
  /**
   * - `off`: no AY, AZ in answers, those of requests are not looked at.
   * - `on`: a request without them gets 96.
   * - `mirror`: on for the connection from the first request that has them.
   * - `utf-16`: the same, and its own sums are over UTF-16 units.
   * - `dp2`: always `AY4` and the sum over the UTF-16 units of the text before it.
   */
  readonly checksums: 'off' | 'on' | 'mirror' | 'utf-16' | 'dp2'
  /** Digits of a sum without leading zeros (invenio-sip2). */
  readonly bareDigits: boolean
  /** AY must be one more than the last one, or 96 (invenio-sip2). */
  readonly strictSequence: boolean
  /** The same AY and AZ as before: the answer again, without acting again. Perl servers lack it. */
  readonly duplicateRule: boolean
  /** 97 is answered with the digit of the first answer; Perl servers write 0. */
  readonly resendSequence: 'kept' | 'zero'
  readonly dueDateFormat: 'sip' | 'date' | 'date-time' | 'iso' | 'iii'
  readonly dateZone: ZoneStyle
  /** BX: 16 of Y and N. Messages with N are unknown commands. */
  readonly supported: string
  /** What BX says where it is not the truth (dp2). */
  readonly claimed?: string
  /** `sentence`: words that are no message (dp2, edge-sip2). */
  readonly unknownCommand: '96' | 'close' | 'ignore' | 'sentence'
  /** Of 98. */
  readonly version: string
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
  /** `telnet`: prompts for user and password before the first message. */
  readonly loginBy: '93' | 'telnet'
  /** A wrong password: 940, or the line is cut (Evergreen). */
  readonly badLogin: '940' | 'close'
  /** Cuts the line at any other request before 99 (OCLC Wise). */
  readonly statusFirst: boolean
  /** Answers one request on a connection, and none after it. */
  readonly answersOnce: boolean
  /** Terminals send AD with every act, or are refused. */
  readonly patronPasswordNeeded: boolean
  /** CQ for an empty AD: left out, N, or Y for all (Spydus, Koha with empty passwords allowed). */
  readonly blankPin: 'not-told' | 'N' | 'Y'
  /** False: AD is not looked at, every PIN is right (CARL.X). */
  readonly checksPin: boolean
  /** A wrong PIN raises all 14 flags (Sierra). */
  readonly allFlagsOnWrongPin: boolean
  /** A checkout of an own loan renews it: where the terminal's policy allows it, or always (Alma, Koha). */
  readonly renewsByCheckout: 'as-asked' | 'always'
  /** A book that was in already: 10 with ok 1 or 0. */
  readonly checkedInOk: boolean
  /** Blanks after the last field (Spydus). */
  readonly trailingPadding: number
  /** Leaves the delimiter out behind BL (Spydus). */
  readonly flagsRunOn: boolean
  /** Blanks behind AO (Sierra). */
  readonly institutionBlanks: number
  /** Optional fields are there though empty (Polaris, dp2, TLC). */
  readonly emptyFields: boolean
  /** Answers in which AO and AA are empty (dp2: 38). */
  readonly nameless: readonly string[]
  /** A line of AV. */
  readonly fineFormat: '3m' | 'eg_legacy' | 'swyer_b' | 'id-amount'
  /** BV below zero is owed (dp2). */
  readonly negativeFees: boolean
  /** AF of a good 24 or 64 (Polaris). */
  readonly allIsWell?: string
  /** In front of every AF (TLC). */
  readonly wordMark: string
  /** 29 without a due date is refused (TLC). */
  readonly renewalNeedsDue: boolean
  /** A longer request is cut there, bytes; 0 reads all (invenio-sip2, dp2). */
  readonly longestRequest: number
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
  delimiter: '|',
  checksums: 'on',
  bareDigits: false,
  strictSequence: false,
  duplicateRule: true,
  resendSequence: 'kept',
  dueDateFormat: 'date-time',
  dateZone: 'blank',
  supported: everything,
  unknownCommand: 'ignore',
  version: '2.00',
  foreignInstitution: 'accept',
  holdCountMeaning: 'all',
  itemListContent: 'barcode',
  listPages: 'honoured',
  requiresLogin: true,
  loginBy: '93',
  badLogin: '940',
  statusFirst: false,
  answersOnce: false,
  patronPasswordNeeded: false,
  blankPin: 'not-told',
  checksPin: true,
  allFlagsOnWrongPin: false,
  renewsByCheckout: 'as-asked',
  checkedInOk: true,
  trailingPadding: 0,
  flagsRunOn: false,
  institutionBlanks: 0,
  emptyFields: false,
  nameless: [],
  fineFormat: '3m',
  negativeFees: false,
  wordMark: '',
  renewalNeedsDue: false,
  longestRequest: 0,
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

export const serves = (mask: string, command: string): boolean => {
  const position = positionInMask(command)
  return position !== undefined && (mask[position] ?? 'N') === 'Y'
}
