import { expect } from 'vitest'
import { dialects } from '../../src/adapters/ils/sip2/dialects.ts'
import type { Sip2SettingsInput } from '../../src/adapters/ils/sip2/settings.ts'
import { createSip2Ils, type Sip2Ils } from '../../src/adapters/ils/sip2/sip2.ts'
import { ManualClock } from '../../src/kernel/clock.ts'
import { seededRandom } from '../../src/kernel/ids.ts'
import { type Dialect, gb18030Plain, kohaManner, utf8Checksums } from '../../src/sandbox/ils/dialect.ts'
import { manners } from '../../src/sandbox/ils/manners.ts'
import { type SandboxIls, startSandboxIls } from '../../src/sandbox/ils/sandbox-ils.ts'
import { library, start } from '../sandbox/ils/library.ts'

/** A library system of the sandbox and what our side is told about it. */
export interface Site {
  readonly name: string
  readonly dialect: Dialect
  readonly settings: Partial<Sip2SettingsInput>
}

const login = { user: 'gateway', password: 's3cret', location: 'GSQ' }
const lists = { holdCountMeaning: 'all', fineFormat: '3m' } as const

export const sites: readonly Site[] = [
  {
    name: 'UTF-8 with checksums',
    dialect: utf8Checksums,
    settings: { login, profile: { ...lists, verifyChecksum: 'strict', resendActs: true } },
  },
  {
    name: 'GB18030 without checksums',
    dialect: gb18030Plain,
    settings: { dialect: 'gb18030-plain', profile: { ...lists, login: 'none' } },
  },
  {
    name: 'the manner of Koha',
    dialect: kohaManner,
    settings: { dialect: 'koha', login, profile: { terminator: 'crlf', fineFormat: '3m' } },
  },
]

/** What a library tells beside the dialect, where its own choice decides. */
const ownSettings: Readonly<Record<string, Partial<Sip2SettingsInput>>> = {
  'folio-edge': { profile: { encoding: 'utf-8' } },
  symphony: { profile: { login: 'telnet' } },
}

/** Every profile there is, before a library system in its manner. */
export const profileSites: readonly Site[] = dialects.map(({ name }) => ({
  name: `the profile ${name}`,
  dialect: manners[name] ?? expect.fail(`the sandbox has no manner for ${name}`),
  settings: { dialect: name, login, ...ownSettings[name] },
}))

/** Oddities of several real systems in one: padding, blank PINs let in, lists of titles, months before days. */
export const oddSite: Site = {
  name: 'many oddities',
  dialect: {
    ...utf8Checksums,
    trailingPadding: 150,
    blankPin: 'Y',
    dateZone: '0000',
    dueDateFormat: 'iii',
    itemListContent: 'title',
    renewsByCheckout: 'always',
    checkedInOk: false,
  },
  settings: {
    login,
    profile: {
      ...lists,
      zone: '0000',
      dueDateFormats: ['M/D/YYYY,HH:mm'],
      itemListContent: 'title',
    },
  },
}

export interface Link {
  readonly clock: ManualClock
  readonly sandbox: SandboxIls
  readonly ils: Sip2Ils
  close(): Promise<void>
}

/** The library of the tests behind a real socket, and our driver before it; time stands still. */
export const link = async (
  site: Site,
  seed = 'link',
  more: Partial<Sip2SettingsInput> = {},
): Promise<Link> => {
  const clock = new ManualClock(start)
  const sandbox = await startSandboxIls({
    name: site.name,
    dialect: site.dialect,
    seed: library(),
    clock,
    random: seededRandom(`${seed} sandbox`),
  })
  const ils = createSip2Ils(
    { name: 'test', host: sandbox.host, port: sandbox.port, ...site.settings, ...more },
    { clock, random: seededRandom(`${seed} driver`) },
  )
  return {
    clock,
    sandbox,
    ils,
    close: async () => {
      await sandbox.close()
      await ils.close()
    },
  }
}
