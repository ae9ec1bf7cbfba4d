import { Document, isMap, isSeq, type Node, visit } from 'yaml'
import type { Words } from '../../kernel/problem.ts'
import type { CompartmentSize, Door } from '../locker.ts'
import type { Layout } from './layout.ts'
import type { FoundBoard } from './survey.ts'

/** A door of the drawing: what it says, how large it is, where it stands, and which channel moves it. */
export interface MappedDoor extends Door {
  readonly label: string
  readonly size: CompartmentSize
  readonly row: number
  readonly column: number
}

export interface Commissioned {
  readonly bus: string
  readonly driver: string
  readonly address: Readonly<Record<string, unknown>>
  readonly boards: readonly FoundBoard[]
  /** Settings of the line beyond its boards. */
  readonly more?: Readonly<Record<string, unknown>>
  readonly locker: string
  readonly doors: readonly MappedDoor[]
  /** Of the new locker, where a person has said it already. */
  readonly about?: LockerAbout
  /** Lockers that are in the settings, of which only the compartments are written. */
  readonly known?: Layout['known']
}

export interface LockerAbout {
  readonly name: Words
  readonly place: string
  readonly lat?: number | undefined
  readonly lng?: number | undefined
}

/** Compartment ids keep to letters, digits and strokes; a label may say anything. */
const idOf = (label: string, at: number): string => {
  const plain = label
    .toLowerCase()
    .replaceAll(/[^a-z0-9-]+/g, '-')
    .replaceAll(/^-+|-+$/g, '')
  return plain === '' ? `door-${at + 1}` : plain
}

/**
 * The `lockerBuses` and `lockers` sections of a settings file, ready to be pasted: one line a board and a door.
 * Name, place and position of the locker are left for a person to write.
 */
export const settingsText = (line: Commissioned, head: readonly string[]): string => {
  const used = new Set<string>()
  const compartments = line.doors.map((door, at) => {
    const plain = idOf(door.label, at)
    const id = used.has(plain) ? `${plain}-${at + 1}` : plain
    used.add(id)
    const { label, size, row, column, board, channel } = door
    return { id, ...(label === id ? {} : { label }), size, row, column, board, channel }
  })
  const { bus, driver, address, boards, more = {}, locker, about, known = [] } = line
  const lockers = [
    ...known.map(one => ({ id: one.locker, bus, compartments: one.compartments.map(written) })),
    ...(compartments.length > 0 ? [{ id: locker, ...aboutOf(about), bus, compartments }] : []),
  ]
  const document = new Document({
    lockerBuses: [{ id: bus, driver, address, ...(boards.length > 0 ? { boards } : {}), ...more }],
    ...(lockers.length > 0 ? { lockers } : {}),
  })
  document.commentBefore = head.map(one => ` ${one}`).join('\n')
  visit(document, { Map: (_, node, path) => oneLine(node, path.length) })
  return document.toString({ lineWidth: 0, flowCollectionPadding: true })
}

const aboutOf = (about: LockerAbout | undefined) =>
  about
    ? Object.fromEntries(Object.entries(about).filter(([, value]) => value !== undefined))
    : { name: { zh: '（写上名称）', en: '(name it)' }, place: '', lat: 0, lng: 0 }

type Written = MappedDoor & { readonly id: string; readonly accessible: boolean }
const written = ({ id, label, size, row, column, board, channel, accessible }: Written) => ({
  ...{ id, ...(label === id ? {} : { label }), size, row, column, board, channel },
  ...(accessible ? {} : { accessible }),
})

/** The compartments of a locker there is already, with what was changed on its drawing; ids, boards and channels stay. */
export const compartmentsText = (locker: string, bus: string, compartments: readonly Written[]): string => {
  const document = new Document({
    lockers: [
      {
        id: locker,
        bus,
        compartments: compartments.map(written),
      },
    ],
  })
  visit(document, { Map: (_, node, path) => oneLine(node, path.length) })
  return document.toString({ lineWidth: 0, flowCollectionPadding: true })
}

/** Whatever is the item of a list within a list's item, or holds only plain values below the top, stands on one line. */
const oneLine = (node: Node, depth: number): undefined => {
  if (!isMap(node) || depth < 5) return undefined
  if (node.items.some(({ value }) => isSeq(value))) return undefined
  node.flow = true
  return undefined
}
