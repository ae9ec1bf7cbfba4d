/**
 * Every field id of the protocol and the extensions met in practice: what it is, how it may be written, and
 * how much of it a transcript may show.
 *
 * Source: 3M Standard Interchange Protocol 2.00, revision 2.12; the extensions from answers of real library
 * systems (Koha, Evergreen, FOLIO, Polaris, dp2).
 */
export interface FieldInfo {
  readonly id: string
  readonly name: string
  /** Exact number of characters, where the protocol fixes it. The field still ends with the delimiter. */
  readonly length?: number
  readonly repeatable?: true
  /**
   * Identifiers and secrets: a value that holds a delimiter, a control character or a character the charset
   * lacks is refused. All other fields are free text, where such a character becomes a blank or `?`.
   */
  readonly strict?: true
  /** `secret`: only that there was one is told; `name` and `tail`: masked; absent: shown. */
  readonly mask?: 'secret' | 'name' | 'tail'
  /** Not of the protocol itself: who writes it. */
  readonly by?: string
}

const list: readonly FieldInfo[] = [
  { id: 'AA', name: 'patron identifier', strict: true, mask: 'tail' },
  { id: 'AB', name: 'item identifier', strict: true },
  { id: 'AC', name: 'terminal password', strict: true, mask: 'secret' },
  { id: 'AD', name: 'patron password', strict: true, mask: 'secret' },
  { id: 'AE', name: 'personal name', mask: 'name' },
  { id: 'AF', name: 'screen message', repeatable: true },
  { id: 'AG', name: 'print line', repeatable: true },
  { id: 'AH', name: 'due date' },
  { id: 'AJ', name: 'title identifier' },
  { id: 'AL', name: 'blocked card message' },
  { id: 'AM', name: 'library name' },
  { id: 'AN', name: 'terminal location' },
  { id: 'AO', name: 'institution id', strict: true },
  { id: 'AP', name: 'current location', strict: true },
  { id: 'AQ', name: 'permanent location' },
  { id: 'AS', name: 'hold items', repeatable: true },
  { id: 'AT', name: 'overdue items', repeatable: true },
  { id: 'AU', name: 'charged items', repeatable: true },
  { id: 'AV', name: 'fine items', repeatable: true },
  { id: 'BD', name: 'home address', mask: 'secret' },
  { id: 'BE', name: 'e-mail address', mask: 'tail' },
  { id: 'BF', name: 'home phone number', mask: 'tail' },
  { id: 'BG', name: 'owner' },
  { id: 'BH', name: 'currency type', length: 3 },
  { id: 'BI', name: 'cancel', length: 1 },
  { id: 'BK', name: 'transaction id', strict: true },
  { id: 'BL', name: 'valid patron', length: 1 },
  { id: 'BM', name: 'renewed items', repeatable: true },
  { id: 'BN', name: 'unrenewed items', repeatable: true },
  { id: 'BO', name: 'fee acknowledged', length: 1 },
  { id: 'BP', name: 'start item' },
  { id: 'BQ', name: 'end item' },
  { id: 'BR', name: 'queue position' },
  { id: 'BS', name: 'pickup location', strict: true },
  { id: 'BT', name: 'fee type', length: 2 },
  { id: 'BU', name: 'recall items', repeatable: true },
  { id: 'BV', name: 'fee amount' },
  { id: 'BW', name: 'expiration date', length: 18 },
  { id: 'BX', name: 'supported messages' },
  { id: 'BY', name: 'hold type', length: 1 },
  { id: 'BZ', name: 'hold items limit', length: 4 },
  { id: 'CA', name: 'overdue items limit', length: 4 },
  { id: 'CB', name: 'charged items limit', length: 4 },
  { id: 'CC', name: 'fee limit' },
  { id: 'CD', name: 'unavailable hold items', repeatable: true },
  { id: 'CF', name: 'hold queue length' },
  { id: 'CG', name: 'fee identifier', strict: true },
  { id: 'CH', name: 'item properties' },
  { id: 'CI', name: 'security inhibit', length: 1 },
  { id: 'CJ', name: 'recall date', length: 18 },
  { id: 'CK', name: 'media type', length: 3 },
  { id: 'CL', name: 'sort bin' },
  { id: 'CM', name: 'hold pickup date', length: 18 },
  { id: 'CN', name: 'login user id', strict: true },
  { id: 'CO', name: 'login password', strict: true, mask: 'secret' },
  { id: 'CP', name: 'location code', strict: true },
  { id: 'CQ', name: 'valid patron password', length: 1 },
  { id: 'CR', name: 'collection code', by: '3M extension' },
  { id: 'CS', name: 'call number', by: '3M extension' },
  { id: 'CT', name: 'destination location', by: '3M extension' },
  { id: 'CV', name: 'alert type', by: '3M extension' },
  { id: 'CY', name: 'hold patron identifier', mask: 'tail', by: '3M extension' },
  { id: 'DA', name: 'hold patron name', mask: 'name', by: '3M extension' },
  { id: 'BC', name: 'birth date', mask: 'secret', by: 'Polaris' },
  { id: 'PA', name: 'expiry date, or category', by: 'Evergreen, Koha; Polaris' },
  { id: 'PB', name: 'birth date', mask: 'secret', by: 'Evergreen, Koha, Atriuum' },
  { id: 'PD', name: 'birth date', mask: 'secret', by: 'Atriuum' },
  { id: 'PC', name: 'patron class', by: 'Evergreen, Koha' },
  { id: 'PI', name: 'internet profile', by: 'Evergreen' },
  { id: 'XI', name: 'internal id', mask: 'tail', by: 'Evergreen' },
  { id: 'PZ', name: 'postal code', mask: 'tail', by: 'Polaris' },
  { id: 'KC', name: 'call number', by: 'dp2' },
  { id: 'KQ', name: 'permanent shelf', by: 'dp2' },
  { id: 'KP', name: 'current shelf', by: 'dp2' },
  { id: 'HS', name: 'holding state', by: 'dp2' },
]

export const fields: ReadonlyMap<string, FieldInfo> = new Map(list.map(info => [info.id, info]))

/** Longest value the protocol allows, in characters. */
export const longestValue = 255

/**
 * Listed ids have small numbers, so that what a reader needs to know of them lies close together; 0 stands for
 * every other id.
 */
export const slotTexts: readonly string[] = ['', ...list.map(info => info.id)]
export const slotCount = slotTexts.length

export const repeatable = 1
export const oneCharacter = 2
/** `repeatable`, `oneCharacter` or neither, by number. */
export const slotTraits: Uint8Array = Uint8Array.from(slotTexts, id => {
  const info = fields.get(id)
  return (info?.repeatable ? repeatable : 0) | (info?.length === 1 ? oneCharacter : 0)
})

const slots = new Uint8Array(26 * 36)

/** Where an id stands in `slots`: a letter, then a letter or digit; -1 for what is no id. */
const placeOf = (first: number, second: number): number => {
  if (!(first >= 65 && first <= 90)) return -1
  if (second >= 65 && second <= 90) return (first - 65) * 36 + second - 55
  return second >= 48 && second <= 57 ? (first - 65) * 36 + second - 48 : -1
}
slotTexts.forEach((id, slot) => {
  if (slot > 0) slots[placeOf(id.charCodeAt(0), id.charCodeAt(1))] = slot
})

/** The number of the id that stands in `text` at `at`: 0 when it is not listed, -1 when it is none. */
export const slotAt = (text: string, at: number): number => {
  const place = placeOf(text.charCodeAt(at), text.charCodeAt(at + 1))
  return place < 0 ? -1 : slots[place]!
}
