import { type Dialect, dialects, type Profile, profileOf } from '../dialects.ts'
import { deniedByMask } from '../status.ts'
import type { Facts } from './facts.ts'
import type { Found } from './switches.ts'

/** The known dialect that comes nearest to what was found, and the switches to turn beside it. */
export interface Closest {
  readonly dialect: Dialect
  /** Other dialects that fit as well. */
  readonly alike: readonly Dialect[]
  readonly differs: Found
}

/** A switch of a dialect of which nothing was found counts for less than one that was found to differ. */
const unknownCost = 0.5

/** What one system does and no other known one: worth more than any switch. */
const signatures: Readonly<Record<string, (facts: Facts) => boolean>> = {
  dp2: ({ sums }) => sums.theirs.has('ok:dp2'),
}
const signatureWorth = 5

/** Named rather than a maker's system where both fit: nothing was found that tells who made it. */
const nobodys = ['default', 'gb18030-plain']

/** Written in the profile because it was found, but telling nothing about which system it is. */
const everyones = new Set<keyof Profile>(['timeZone', 'maxConnections', 'trailingAsciiField'])

export const closestDialect = (found: Found, facts: Facts): Closest => {
  const costs = dialects.map(dialect => ({ dialect, cost: costOf(dialect, found, facts) }))
  const least = Math.min(...costs.map(({ cost }) => cost))
  const nearest = costs.filter(({ cost }) => cost === least).map(entry => entry.dialect)
  const dialect = nearest.find(one => nobodys.includes(one.name)) ?? nearest[0]!
  const alike = nearest.filter(one => one !== dialect)
  return { dialect, alike, differs: differences(dialect, found, facts) }
}

const costOf = (dialect: Dialect, found: Found, facts: Facts): number => {
  const differing = Object.keys(differences(dialect, found, facts)) as (keyof Profile)[]
  const unseen = (Object.keys(dialect.sets) as (keyof Profile)[]).filter(name => found[name] === undefined)
  const signed = signatures[dialect.name]?.(facts) === true ? signatureWorth : 0
  return differing.filter(name => !everyones.has(name)).length + unseen.length * unknownCost - signed
}

/** The switches that were found to stand otherwise than in the dialect. */
const differences = (dialect: Dialect, found: Found, facts: Facts): Found => {
  const usual = profileOf(dialect.name)!
  const entries = (Object.entries(found) as [keyof Profile, Profile[keyof Profile]][]).filter(
    ([name, value]) => !agrees(name, value, usual, found, facts),
  )
  return Object.fromEntries(entries) as Found
}

const agrees = (
  name: keyof Profile,
  value: Profile[keyof Profile],
  usual: Profile,
  found: Found,
  facts: Facts,
): boolean => {
  if (name === 'notServed') return servesAlike(value as readonly string[], usual.notServed, facts)
  // Lenient takes all that strict takes.
  if (name === 'verifyChecksum' && value === 'strict') return usual.verifyChecksum !== 'off'
  if (name === 'trailingAsciiField') return usual.trailingAsciiField || value === false
  if (name === 'maxConnections') return usual.maxConnections <= (value as number)
  // All usual forms are tried anyway, and more do no harm.
  if (name === 'dueDateFormats') return usual.dueDateFormats.includes((value as readonly string[])[0]!)
  if (name === 'checksumRule' && found.sendChecksum === false) return true
  return JSON.stringify(value) === JSON.stringify(usual[name])
}

/** What is not answered is known not to be, and what is answered is not refused by the dialect. */
const servesAlike = (found: readonly string[], usual: readonly string[], facts: Facts): boolean =>
  found.every(command => usual.includes(command)) &&
  usual.every(
    command => facts.served.get(command) !== 'answer' || deniedByMask(facts.status?.supported, command),
  )
