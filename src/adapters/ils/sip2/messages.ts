import { fields, slotAt, slotCount } from './fields.ts'

/** A part of a message before its first field: a position, not an id, says what it is. */
export interface FixedPart {
  readonly name: string
  /** Characters. */
  readonly length: number
  /** `date`: YYYYMMDDZZZZHHMMSS, blank where there is none. */
  readonly kind: 'text' | 'date' | 'version'
}

export interface MessageType {
  readonly command: string
  readonly name: string
  /** Who reads it: `acs` is the library system, `sc` the machine that asks. */
  readonly to: 'acs' | 'sc'
  /** The commands that may answer it, the usual one first. 98 and 96 may answer any request. */
  readonly answers: readonly string[]
  readonly fixed: readonly FixedPart[]
  /** Sum of the fixed parts' lengths. */
  readonly fixedLength: number
  readonly required: readonly string[]
  /** Ids of the protocol that may be there, in the order in which to send them, required ones included. */
  readonly order: readonly string[]
  /** By number of id: its bit in `allNeeded` when it is required, else 0. */
  readonly needed: Uint8Array
  readonly allNeeded: number
}

const date = 'date:D'

/**
 * All message pairs in one place. `fixed`: `name:length`, `D` for a date, `V` for a version.
 * `fields`: ids in the order of the protocol; `?` optional, `*` may repeat (and is optional).
 */
const table: readonly (readonly [string, string, 'acs' | 'sc', string, string, string])[] = [
  ['93', 'Login', 'acs', '94', 'uidAlgorithm:1 pwdAlgorithm:1', 'CN CO CP?'],
  ['94', 'Login Response', 'sc', '', 'ok:1', 'AF* AG*'],
  ['99', 'SC Status', 'acs', '98', 'status:1 maxPrintWidth:3 version:V', ''],
  [
    '98',
    'ACS Status',
    'sc',
    '',
    `onlineStatus:1 checkinOk:1 checkoutOk:1 renewalPolicy:1 statusUpdateOk:1 offlineOk:1 timeout:3 retries:3 ${date} version:V`,
    'AO AM? BX AN? AF* AG*',
  ],
  ['23', 'Patron Status Request', 'acs', '24', `language:3 ${date}`, 'AO AA AC AD'],
  [
    '24',
    'Patron Status Response',
    'sc',
    '',
    `patronStatus:14 language:3 ${date}`,
    'AO AA AE BL? CQ? BH? BV? AF* AG*',
  ],
  ['63', 'Patron Information', 'acs', '64', `language:3 ${date} summary:10`, 'AO AA AC? AD? BP? BQ?'],
  [
    '64',
    'Patron Information Response',
    'sc',
    '',
    `patronStatus:14 language:3 ${date} holdCount:4 overdueCount:4 chargedCount:4 fineCount:4 recallCount:4 unavailableHoldCount:4`,
    'AO AA AE BZ? CA? CB? BL? CQ? BH? BV? CC? AS* AT* AU* AV* BU* CD* BD? BE? BF? AF* AG*',
  ],
  [
    '11',
    'Checkout',
    'acs',
    '12',
    `scRenewalPolicy:1 noBlock:1 ${date} nbDueDate:D`,
    'AO AA AB AC CH? AD? BO? BI?',
  ],
  [
    '12',
    'Checkout Response',
    'sc',
    '',
    `ok:1 renewalOk:1 magneticMedia:1 desensitize:1 ${date}`,
    'AO AA AB AJ AH BT? CI? BH? BV? CK? CH? BK? AF* AG*',
  ],
  ['09', 'Checkin', 'acs', '10', `noBlock:1 ${date} returnDate:D`, 'AP AO AB AC CH? BI?'],
  [
    '10',
    'Checkin Response',
    'sc',
    '',
    `ok:1 resensitize:1 magneticMedia:1 alert:1 ${date}`,
    'AO AB AQ AJ? CL? AA? CK? CH? CR? CS? CT? CV? CY? DA? AF* AG*',
  ],
  [
    '29',
    'Renew',
    'acs',
    '30',
    `thirdPartyAllowed:1 noBlock:1 ${date} nbDueDate:D`,
    'AO AA AD? AB? AJ? AC? CH? BO?',
  ],
  [
    '30',
    'Renew Response',
    'sc',
    '',
    `ok:1 renewalOk:1 magneticMedia:1 desensitize:1 ${date}`,
    'AO AA AB AJ AH BT? CI? BH? BV? CK? CH? BK? AF* AG*',
  ],
  ['65', 'Renew All', 'acs', '66', date, 'AO AA AD? AC? BO?'],
  [
    '66',
    'Renew All Response',
    'sc',
    '',
    `ok:1 renewedCount:4 unrenewedCount:4 ${date}`,
    'AO BM* BN* AF* AG*',
  ],
  ['15', 'Hold', 'acs', '16', `mode:1 ${date}`, 'BW? BS? BY? AO AA AD? AB? AJ? AC? BO?'],
  ['16', 'Hold Response', 'sc', '', `ok:1 available:1 ${date}`, 'BW? BR? BS? AO AA AB? AJ? AF* AG*'],
  ['17', 'Item Information', 'acs', '18', date, 'AO AB AC?'],
  [
    '18',
    'Item Information Response',
    'sc',
    '',
    `circulationStatus:2 securityMarker:2 feeType:2 ${date}`,
    'CF? AH? CJ? CM? AB AJ BG? BH? BV? CK? AQ? AP? CH? AF* AG*',
  ],
  ['19', 'Item Status Update', 'acs', '20', date, 'AO AB AC? CH'],
  ['20', 'Item Status Update Response', 'sc', '', `itemPropertiesOk:1 ${date}`, 'AB AJ? CH? AF* AG*'],
  ['37', 'Fee Paid', 'acs', '38', `${date} feeType:2 paymentType:2 currency:3`, 'BV AO AA AC? AD? CG? BK?'],
  ['38', 'Fee Paid Response', 'sc', '', `paymentAccepted:1 ${date}`, 'AO AA BK? AF* AG*'],
  ['35', 'End Patron Session', 'acs', '36', date, 'AO AA AC? AD?'],
  ['36', 'End Session Response', 'sc', '', `endSession:1 ${date}`, 'AO AA AF* AG*'],
  ['25', 'Patron Enable', 'acs', '26', date, 'AO AA AC? AD?'],
  [
    '26',
    'Patron Enable Response',
    'sc',
    '',
    `patronStatus:14 language:3 ${date}`,
    'AO AA AE BL? CQ? AF* AG*',
  ],
  ['01', 'Block Patron', 'acs', '24', `cardRetained:1 ${date}`, 'AO AL AA AC'],
  ['97', 'Request ACS Resend', 'acs', '', '', ''],
  ['96', 'Request SC Resend', 'sc', '', '', ''],
]

const fixedPart = (text: string): FixedPart => {
  const [name = '', length] = text.split(':')
  if (length === 'D') return { name, length: 18, kind: 'date' }
  if (length === 'V') return { name, length: 4, kind: 'version' }
  return { name, length: Number(length), kind: 'text' }
}

const words = (text: string): string[] => text.split(' ').filter(word => word !== '')

const messageType = ([
  command,
  name,
  to,
  answer,
  fixedText,
  fieldText,
]: (typeof table)[number]): MessageType => {
  const fixed = words(fixedText).map(fixedPart)
  const ids = words(fieldText)
  for (const word of ids) {
    const info = fields.get(word.slice(0, 2))
    if (!info || word.endsWith('*') !== (info.repeatable === true))
      throw new Error(`message ${command}: field ${word} does not agree with the table of fields`)
  }
  const required = ids.filter(word => word.length === 2)
  const needed = new Uint8Array(slotCount)
  required.forEach((id, i) => {
    needed[slotAt(id, 0)] = 1 << i
  })
  return {
    command,
    name,
    to,
    answers: answer === '' ? [] : [answer],
    fixed,
    fixedLength: fixed.reduce((sum, part) => sum + part.length, 0),
    required,
    order: ids.map(word => word.slice(0, 2)),
    needed,
    allNeeded: (1 << required.length) - 1,
  }
}

export const messages: ReadonlyMap<string, MessageType> = new Map(
  table.map(row => [row[0], messageType(row)]),
)

/** The same by the number of the command. */
export const messageTypes: readonly (MessageType | undefined)[] = Array.from({ length: 100 }, (_, number) =>
  messages.get(String(number).padStart(2, '0')),
)
