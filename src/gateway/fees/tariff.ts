import type { Fen } from '../../kernel/money.ts'
import type { Words } from '../../kernel/problem.ts'

/** From near to far; a line for a wider zone also covers what lies nearer and has no line of its own. */
export const zones = ['same-district', 'same-city', 'same-province', 'anywhere'] as const
export type Zone = (typeof zones)[number]
export type Direction = 'borrow' | 'return'

/** A published courier price (运费). */
export interface TariffLine {
  readonly direction: Direction
  readonly zone: Zone
  /** The base price covers so many items. */
  readonly includedItems: number
  readonly basePrice: Fen
  readonly perFurtherItem: Fen
  /** More items than this are more than one order's worth: they are split. */
  readonly maxItemsPerOrder: number | null
}
export interface Tariff {
  readonly id: string
  readonly name: Words
  /** Where the library is. */
  readonly home: Division
  readonly lines: readonly TariffLine[]
}

/** An administrative division: its code (行政区划代码, GB/T 2260) where known, and its names. */
export interface Division {
  readonly code?: string
  readonly province: string
  readonly city: string
  readonly district: string
}

/** 北京, 天津, 上海, 重庆: cities that are provinces. */
const municipalities = new Set(['11', '12', '31', '50'])

/** How far an address is from home: by codes where both have one, else by names. */
export const zoneOf = (address: Division, home: Division): Zone => {
  const a = address.code
  const b = home.code
  if (a !== undefined && b !== undefined) {
    if (a === b) return 'same-district'
    if (a.slice(0, 2) !== b.slice(0, 2)) return 'anywhere'
    const city = municipalities.has(a.slice(0, 2)) || a.slice(0, 4) === b.slice(0, 4)
    return city ? 'same-city' : 'same-province'
  }
  if (!alike(address.province, home.province)) return 'anywhere'
  if (!alike(address.city, home.city)) return 'same-province'
  return alike(address.district, home.district) ? 'same-district' : 'same-city'
}

/** `上海` and `上海市`, `姑苏` and `姑苏区` are the same place. */
const alike = (a: string, b: string): boolean => a !== '' && plain(a) === plain(b)
const plain = (name: string): string => name.trim().replace(/(?<=.{2})(省|市|区|县|自治区|特别行政区)$/, '')

/** The price line for a zone; undefined where the tariff does not reach. */
export const lineFor = (tariff: Tariff, direction: Direction, zone: Zone): TariffLine | undefined => {
  const reach = zones.indexOf(zone)
  return tariff.lines
    .filter(line => line.direction === direction && zones.indexOf(line.zone) >= reach)
    .sort((a, b) => zones.indexOf(a.zone) - zones.indexOf(b.zone))[0]
}

/** Price of one parcel of `items` (at least one, at most `maxItemsPerOrder`). */
export const linePrice = (line: TariffLine, items: number): Fen =>
  line.basePrice + Math.max(0, items - line.includedItems) * line.perFurtherItem

/** Items in groups of at most `max`, in their order; nothing is lost, nothing doubled. */
export const split = <T>(items: readonly T[], max: number | null): readonly (readonly T[])[] => {
  if (max === null) return items.length === 0 ? [] : [items]
  const size = Math.max(1, max)
  return Array.from({ length: Math.ceil(items.length / size) }, (_, i) =>
    items.slice(i * size, (i + 1) * size),
  )
}
