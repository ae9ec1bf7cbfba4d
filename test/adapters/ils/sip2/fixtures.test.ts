import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { dialectOf, dialects, profileOf } from '../../../../src/adapters/ils/sip2/dialects.ts'
import { decode } from '../../../../src/adapters/ils/sip2/encodings.ts'
import { type Link, type Script, status98 } from './acs.ts'
import { act, type Rig, rig } from './client.ts'

/**
 * A fixture is one question and its answer in the manner of one dialect:
 * `dialect` and `end` (of the answers), `call` (a method and what it is given), `>` what must be asked,
 * `<` what is answered, `=` what must be made of it. A `<` that ends in `UTF-16` or `DP2` gets a checksum of
 * that kind, else the right one.
 */
interface Fixture {
  readonly dialect: string
  readonly end: string
  readonly method: 'patron' | 'item' | 'checkout' | 'checkin' | 'renew'
  readonly given: Record<string, unknown>
  readonly asked: string
  readonly answered: string
  readonly made: Record<string, unknown>
}

const folder = new URL('../../../../fixtures/sip2/', import.meta.url)
const names = readdirSync(folder).filter(name => name.endsWith('.sip2'))

const read = (name: string): Fixture => {
  const lines = readFileSync(new URL(name, folder), 'utf8').split('\n')
  const after = (start: string): string =>
    lines.find(line => line.startsWith(start))?.slice(start.length) ?? ''
  const [method = '', ...given] = after('call ').split(' ')
  const made = JSON.parse(after('= ')) as Record<string, unknown>
  if (typeof made.dueAt === 'string') made.dueAt = Date.parse(made.dueAt)
  return {
    dialect: after('dialect ') || 'default',
    end: after('end ') === 'crlf' ? '\r\n' : '\r',
    method: method as Fixture['method'],
    given: JSON.parse(given.join(' ')) as Record<string, unknown>,
    asked: after('> '),
    answered: after('< '),
    made,
  }
}

const units = (text: string): string => {
  let sum = 0
  for (let i = 0; i < text.length; i++) sum += text.charCodeAt(i)
  return (-sum & 0xffff).toString(16).toUpperCase().padStart(4, '0')
}

const answer = (fixture: Fixture, link: Link, ay: string, text: string): void => {
  const { end } = fixture
  const [, body = '', kind] = /^(.*?)(UTF-16|DP2)?$/s.exec(text)!
  if (kind === 'DP2' || fixture.dialect === 'dp2') {
    const bare = body.replace(/\|$/, '')
    link.raw(`${bare}|AY4AZ${units(bare)}${end}`)
  } else if (kind === 'UTF-16') link.raw(`${body}AY${ay}AZ${units(`${body}AY${ay}AZ`)}${end}`)
  else link.answer(body, { end })
}

const replay =
  (fixture: Fixture): Script =>
  (heard, link) => {
    if (heard.command === '93') answer(fixture, link, heard.ay, '941')
    else if (heard.command === '99') answer(fixture, link, heard.ay, status98())
    else answer(fixture, link, heard.ay, fixture.answered)
  }

const call = ({ ils, clock }: Rig, { method, given }: Fixture) => {
  if (method === 'item') return ils.item(String(given.barcode))
  if (method === 'patron') return ils.patron(given as never)
  const now = clock.now()
  return ils[method]({ ...act, at: now, returnedAt: now, ...given } as never)
}

/** Dialects without a fixture of their own, and why. */
const without: Readonly<Record<string, string>> = {
  symphony: 'differs in how long connections live: pool.test.ts',
  'one-shot': 'differs in how often a connection is used: pool.test.ts',
  'ag-verso': 'differs in what is never sent: the contract on its sandbox dialect',
  wise: 'differs in what is sent first: the contract on its sandbox dialect',
  'perl-sipserver': 'turns the switches of koha',
  interlib: 'nothing is known; turns the switches of gb18030-plain',
  huiwen: 'nothing is known; turns the switches of gb18030-plain',
  ilas: 'nothing is known; turns the switches of gb18030-plain',
}

describe('the manner of each dialect', () => {
  it.each(names)('%s', async name => {
    const fixture = read(name)
    const profile = profileOf(fixture.dialect)!
    const r = await rig(
      replay(fixture),
      { dialect: fixture.dialect },
      { encoding: profile.encoding, checksums: profile.sendChecksum },
    )
    try {
      const result = await call(r, fixture)
      expect(result).toMatchObject({ ok: true, value: fixture.made })
      expect(r.acs.lines.at(-1)?.line.replace(/AY\dAZ[0-9A-F]{4}$/, '')).toBe(fixture.asked)
    } finally {
      await r.end()
    }
  })

  it('has a fixture for every dialect whose quirks an answer or a question can show', () => {
    const covered = new Set(names.map(name => dialectOf(read(name).dialect)?.name))
    const bare = dialects.map(({ name }) => name).filter(name => !covered.has(name))
    expect(bare.sort()).toEqual(Object.keys(without).sort())
  })

  it('shows in GB18030 what cutting bytes would do', () => {
    const text = read('gb18030-second-byte-is-the-delimiter.sip2').answered
    const bytes = Buffer.from([0x96, 0x7c, 0x83, 0x7c])
    expect(decode(bytes, 'gb18030')).toBe('東億')
    expect(text).toContain('東億')
  })
})
