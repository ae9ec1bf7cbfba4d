import { expect, onTestFinished } from 'vitest'
import { isUnreadable, type Parsed, parseMessage } from '../../../../../src/adapters/ils/sip2/codec.ts'
import { profileOf } from '../../../../../src/adapters/ils/sip2/dialects.ts'
import type { Profile } from '../../../../../src/adapters/ils/sip2/profile.ts'
import type { Sip2SettingsInput } from '../../../../../src/adapters/ils/sip2/settings.ts'
import { type Link, link, profileSites } from '../../../../contracts/sip2.ts'
import type { AcsOptions, Script } from '../acs.ts'
import { type Rig, rig } from '../client.ts'

/**
 * Something that others have met at a library system or a terminal. What shows that it does us no harm is a test
 * of its own, tests that stand elsewhere, or a sentence that says why there is nothing to test.
 */
export interface Quirk {
  readonly number: number
  readonly peer: string
  readonly says: string
  readonly test?: () => Promise<void> | void
  /** Files, each with the title (or the part of one) of its test. */
  readonly shownBy?: readonly (readonly [file: string, title: string])[]
  readonly whyNot?: string
}

export const now = '20261122    093000'

export const parsed = (text: string, more: { lenientSplit?: boolean } = {}): Parsed => {
  const result = parseMessage(Buffer.from(text), { encoding: 'utf-8', ...more })
  if (isUnreadable(result)) expect.fail(result.error)
  return result
}

export const profile = (name = 'default', own: Partial<Profile> = {}): Profile =>
  profileOf(name, own) ?? expect.fail(`no profile ${name}`)

/** The driver before a scripted library system; ended with the test. */
export const before = async (
  script: Script,
  settings: Partial<Sip2SettingsInput> = {},
  options: AcsOptions = {},
): Promise<Rig> => {
  const r = await rig(script, settings, options)
  onTestFinished(r.end)
  return r
}

/** The driver with a profile before the sandbox's library system in that manner; ended with the test. */
export const beforeThe = async (name: string, more: Partial<Sip2SettingsInput> = {}): Promise<Link> => {
  const site = profileSites.find(each => each.name === `the profile ${name}`)
  const l = await link(site ?? expect.fail(name), name, more)
  onTestFinished(l.close)
  return l
}

const folder = 'test/adapters/ils/sip2/'
export const at = {
  pool: `${folder}pool.test.ts`,
  connection: `${folder}connection.test.ts`,
  codec: `${folder}codec.test.ts`,
  driver: `${folder}sip2.test.ts`,
  framing: `${folder}framing.test.ts`,
  switches: `${folder}switches.test.ts`,
  tls: `${folder}tls.test.ts`,
  fixtures: 'fixtures/README.md',
  contract: 'test/contracts/ils.ts',
  sandbox: 'test/sandbox/ils/wire.test.ts',
  manners: 'test/sandbox/ils/manners.test.ts',
  serverPairs: 'test/gateway/sip2-server/pairs.test.ts',
  serverRules: 'test/gateway/sip2-server/rules.test.ts',
  serverBounds: 'test/gateway/sip2-server/hostile.test.ts',
} as const
