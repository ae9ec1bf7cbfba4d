import { isIP } from 'node:net'
import { plainAddress, within } from '../../kernel/networks.ts'
import { type Answer, no, yes } from '../../kernel/problem.ts'
import { type BoardFacts, boardFacts } from '../../lockers/commission/facts.ts'
import type { LineSettings } from '../../lockers/commission/open-line.ts'
import type { FoundBoard } from '../../lockers/commission/survey.ts'
import type { LockerMake } from '../../lockers/make.ts'
import { hostNotAllowed, hostUnknown, unknownMake } from './setup-words.ts'

/** A line as the settings file has it. */
export interface ConfiguredLine {
  readonly id: string
  readonly driver: string
  readonly address: Readonly<Record<string, unknown>>
  readonly boards: readonly FoundBoard[]
  readonly more: Readonly<Record<string, unknown>>
}

/** A line that a person names on the page. */
export interface NewLine {
  readonly driver: string
  readonly address: NewAddress
  readonly more: Readonly<Record<string, unknown>>
  readonly everyBoard: Readonly<Record<string, string | number | boolean>>
}
export type NewAddress =
  | { readonly dial: { readonly host: string; readonly port: number } }
  | { readonly listen: { readonly host: string; readonly port: number; readonly from: string } }

/** A line that is to be set up: what is dialled, and what will be written. */
export interface ChosenLine {
  /** Undefined: not in the settings. */
  readonly id: string | undefined
  readonly make: LockerMake
  readonly facts: BoardFacts
  readonly settings: LineSettings
  /** As it is written: a host by its name. */
  readonly address: Readonly<Record<string, unknown>>
  readonly boards: readonly FoundBoard[]
}

export interface LinesOptions {
  readonly makes: readonly LockerMake[]
  readonly lines: readonly ConfiguredLine[]
  readonly networks: readonly string[]
  /** Every address of a name; empty when there is none. */
  lookup(host: string): Promise<readonly string[]>
}

export interface SetupLines {
  /** Undefined: there is no such line, or it is not of boards. */
  configured(id: string): ChosenLine | undefined
  /**
   * The line a person names: one of the settings where it leads to the same serial server. Names are looked up once,
   * and what was allowed is what is dialled. `refused/locker-host-not-allowed`, `locker-host-unknown`.
   */
  named(wanted: NewLine): Promise<Answer<ChosenLine>>
}

const places = (
  address: Readonly<Record<string, unknown>>,
): { dial?: { host: string; port: number }; listen?: { port: number } } => address as never

type Lookup = LinesOptions['lookup']

/** Every address of a name, or of what is one already, each in the one way it is written. */
export const addressesBy =
  (lookup: Lookup) =>
  async (host: string): Promise<readonly string[]> =>
    (isIP(host) !== 0 ? [host] : await lookup(host)).map(plainAddress)

/**
 * The line that leads to the same serial server, by whatever name or form of its address, or listens for it on the same
 * port: whatever hangs on one converter is one line. `at`: the addresses that are going to be dialled.
 */
export const lineBehind = async <L extends Pick<ConfiguredLine, 'address'>>(
  lines: readonly L[],
  address: NewAddress,
  at: readonly string[],
  lookup: Lookup,
): Promise<L | undefined> => {
  const addressesOf = addressesBy(lookup)
  for (const line of lines) {
    const theirs = places(line.address)
    if ('listen' in address && theirs.listen?.port === address.listen.port) return line
    if (!('dial' in address) || theirs.dial?.port !== address.dial.port) continue
    if (theirs.dial.host === address.dial.host) return line
    if ((await addressesOf(theirs.dial.host)).some(one => at.includes(one))) return line
  }
  return undefined
}

export const setupLines = ({ makes, lines, networks, lookup }: LinesOptions): SetupLines => {
  const may = within(networks)
  const makeOf = (driver: string) => {
    const make = makes.find(one => one.name === driver)
    const facts = make && boardFacts(make)
    return make && facts ? { make, facts } : undefined
  }
  const addressesOf = addressesBy(lookup)

  const configured: SetupLines['configured'] = id => {
    const line = lines.find(one => one.id === id)
    const made = line && makeOf(line.driver)
    if (!line || !made) return undefined
    const { address, more, boards } = line
    return { id, ...made, address, boards, settings: { address, more, everyBoard: {} } }
  }

  const named: SetupLines['named'] = async ({ driver, address, more, everyBoard }) => {
    const made = makeOf(driver)
    if (!made) return no(unknownMake)
    const host = 'dial' in address ? address.dial.host : address.listen.from
    const at = await addressesOf(host)
    if (at.length === 0) return no(hostUnknown(host))
    const same = await lineBehind(lines, address, at, lookup)
    const known = same && configured(same.id)
    if (known) return yes(known)
    if (!at.every(may)) return no(hostNotAllowed(host, networks))
    const dialled = 'dial' in address ? { dial: { ...address.dial, host: at[0]! } } : { ...address }
    const settings = { address: dialled, more, everyBoard }
    return yes({ id: undefined, ...made, address: { ...address }, boards: [], settings })
  }
  return { configured, named }
}
