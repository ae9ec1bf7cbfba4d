import type { BibItem } from '../catalogue.ts'
import { type Field, first, type MarcRecord } from './fields.ts'

/** How one field of a library's records tells its copies. */
export interface HoldingsRule {
  readonly tag: string
  /** Subfield of the barcode; each repetition is a copy. A field without it is no copy. */
  readonly barcode: string
  /** Subfields that must be there too: what tells the field from others of the same tag. */
  readonly requires?: readonly string[] | undefined
  /** Alternatives, the first that has any value counts; the subfields of one are joined with `/`. */
  readonly location?: readonly (readonly string[])[] | undefined
  readonly callNumber?: readonly (readonly string[])[] | undefined
  /** A field that holds location and call number for several copies: `852$8` for `876$0`. */
  readonly parent?: {
    readonly tag: string
    /** Subfield here and there that carry the same link. */
    readonly here: string
    readonly there: string
    readonly location: readonly (readonly string[])[]
    readonly callNumber: readonly (readonly string[])[]
  }
}

export interface HoldingsSettings {
  readonly cnmarc: readonly HoldingsRule[]
  readonly marc21: readonly HoldingsRule[]
  /** Locations that are closed stacks (闭架): as a whole, or their part before or after `/`. */
  readonly closedLocations: readonly string[]
}

const shelfmark = [['s'], ['d', 'e'], ['f'], ['d']]
const hi = [['h', 'i'], ['j']]

/**
 * What is expected when a library says nothing else. CNMARC: 905 (and 906, a line for each copy) with $b barcode,
 * $c location or $a holder, $d class and $e book number; 805 of Taiwan's CMARC with $c barcode. MARC21: 952 of
 * Koha, 876 under 852, 852 itself, 999 of SirsiDynix.
 */
export const defaultHoldings: HoldingsSettings = {
  cnmarc: [
    { tag: '905', barcode: 'b', location: [['c'], ['a']], callNumber: shelfmark },
    { tag: '906', barcode: 'b', location: [['l']], callNumber: shelfmark },
    { tag: '805', barcode: 'c', location: [['b'], ['a']], callNumber: [['d', 'e']] },
  ],
  marc21: [
    {
      tag: '952',
      barcode: 'p',
      location: [
        ['a', 'c'],
        ['b', 'c'],
      ],
      callNumber: [['o']],
    },
    {
      tag: '876',
      barcode: 'p',
      location: [['l']],
      parent: { tag: '852', here: '0', there: '8', location: [['b', 'c']], callNumber: hi },
    },
    { tag: '852', barcode: 'p', location: [['b', 'c']], callNumber: hi },
    { tag: '999', barcode: 'i', requires: ['l', 'm'], location: [['m', 'l']], callNumber: [['a']] },
  ],
  closedLocations: [],
}

const pick = (field: Field | undefined, alternatives: readonly (readonly string[])[] = []): string => {
  for (const codes of alternatives) {
    const parts = codes.map(code => first(field, code)).filter(part => part !== '')
    if (parts.length > 0) return parts.join('/')
  }
  return ''
}

/** Printable ASCII without SIP2's field delimiter: a barcode travels in its messages. */
const barcodeShape = /^[\x21-\x7b\x7d\x7e]{1,64}$/

/** The copies a record tells, each barcode once, and the barcodes that cannot be used. */
export const itemsOf = (
  record: MarcRecord,
  rules: readonly HoldingsRule[],
  closedLocations: readonly string[],
): { items: BibItem[]; invalid: string[] } => {
  const items = new Map<string, BibItem>()
  const invalid: string[] = []
  for (const rule of rules)
    for (const field of record.all(rule.tag)) {
      if (rule.requires?.some(code => first(field, code) === '')) continue
      for (const barcode of barcodesOf(field, rule.barcode))
        if (!barcodeShape.test(barcode)) invalid.push(barcode)
        else if (!items.has(barcode))
          items.set(barcode, itemOf(barcode, record, field, rule, closedLocations))
    }
  return { items: [...items.values()], invalid }
}

const barcodesOf = (field: Field, code: string): string[] =>
  field.subfields
    .filter(s => s.code === code)
    .flatMap(s => s.value.normalize('NFKC').split(/[;,，；、\s]+/))
    .filter(b => b !== '')

const itemOf = (
  barcode: string,
  record: MarcRecord,
  field: Field,
  rule: HoldingsRule,
  closed: readonly string[],
): BibItem => {
  const parent = parentOf(record, field, rule)
  const location = pick(field, rule.location) || pick(parent, rule.parent?.location)
  const callNumber = pick(field, rule.callNumber) || pick(parent, rule.parent?.callNumber)
  const shut = [location, ...location.split('/')].some(l => l !== '' && closed.includes(l))
  return {
    barcode,
    ...(callNumber ? { callNumber: callNumber.slice(0, 200) } : {}),
    ...(location ? { location: location.slice(0, 100) } : {}),
    shelving: shut ? 'closed' : 'open',
  }
}

const parentOf = (record: MarcRecord, field: Field, rule: HoldingsRule): Field | undefined => {
  if (!rule.parent) return undefined
  const { tag, here, there } = rule.parent
  const link = first(field, here)
  return link === '' ? undefined : record.all(tag).find(f => first(f, there) === link)
}
