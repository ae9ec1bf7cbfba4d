import iconv from 'iconv-lite'
import { afterEach, describe, expect, it } from 'vitest'
import { profileSchema } from '../../../../src/adapters/ils/sip2/dialects.ts'
import type { Profile } from '../../../../src/adapters/ils/sip2/profile.ts'
import type { Sip2SettingsInput } from '../../../../src/adapters/ils/sip2/settings.ts'
import { type AcsOptions, but, friendly, item18, type Script, status98 } from './acs.ts'
import { act, type Rig, rig } from './client.ts'

let open: Rig[] = []
afterEach(async () => {
  for (const each of open) await each.end()
  open = []
})
const start = async (
  script: Script,
  profile: Partial<Profile>,
  settings: Partial<Sip2SettingsInput> = {},
  options: AcsOptions = {},
): Promise<Rig> => {
  const r = await rig(script, { profile, ...settings }, options)
  open.push(r)
  return r
}
/** The last request, without AY and AZ. */
const said = ({ acs }: Rig): string => acs.lines.at(-1)!.line.replace(/AY\dAZ[0-9A-F]{4}$/, '')
const loan = (r: Rig) => ({ ...act, card: 'R1', barcode: 'B1', at: r.clock.now() })

it('every switch says in the schema what it does', () => {
  for (const [name, schema] of Object.entries(profileSchema.shape))
    expect(schema.description?.length ?? 0, name).toBeGreaterThan(15)
})

describe('charsets', () => {
  it('may differ in the two directions', async () => {
    const script = but(({ command }, link) => {
      if (command !== '17') return false
      link.raw(`${item18('B1').replace('图书馆学基础', '東西')}\r`)
      return true
    })
    const profile = { encoding: 'utf-8', answerEncoding: 'gb18030', sendChecksum: false } as const
    const r = await start(script, profile, {}, { encoding: 'gb18030', checksums: false })
    expect(await r.ils.item('B1')).toMatchObject({ ok: true, value: { title: '東西' } })
  })

  it('may be another one until the account is known', async () => {
    const r = await start(
      friendly,
      { encoding: 'utf-8', loginEncoding: 'gb18030' },
      { login: { user: '书桥@太仓', password: 'p' } },
      { encoding: 'gb18030' },
    )
    void r.ils.check()
    expect((await r.acs.heard('93')).line).toContain('CN书桥@太仓|')
  })

  it('may be left alone at log-in by percent signs', async () => {
    const login = { user: '书@a', password: 'p', location: '总馆' }
    const r = await start(friendly, { percentEncodeLogin: true }, { login })
    await r.ils.check()
    expect(r.acs.lines[0]!.line).toContain('CN%E4%B9%A6@a|COp|CP%E6%80%BB%E9%A6%86|')
  })
})

describe('line ends', () => {
  it.each([
    ['cr', '\r'],
    ['crlf', '\r\n'],
    ['lf', '\n'],
    ['lfcr', '\n\r'],
  ] as const)('%s ends what we send', async (terminator, end) => {
    const heard: Buffer[] = []
    const r = await start(friendly, { terminator, login: 'none' }, {}, { spy: chunk => heard.push(chunk) })
    void r.ils.check()
    const all = () => Buffer.concat(heard).toString('latin1')
    while (!all().endsWith(end)) await new Promise(resolve => setImmediate(resolve))
    expect(all()).toMatch(/^99[^\r\n]*[\r\n]+$/)
    expect(all().replace(/^[^\r\n]*/, '')).toBe(end)
  })

  it.each([
    ['cr', '\n', '\r'],
    ['lf', '\r', '\n'],
    ['crlf', '\n', '\r\n'],
  ] as const)(
    '%s alone ends an answer: the others are part of a value',
    async (answerTerminator, inner, end) => {
      const script: Script = (heard, link) => {
        const text = heard.command === '99' ? status98() : `${item18('B1')}AF第一行${inner}第二行|`
        link.raw(`${text}${end}`)
      }
      const profile = { answerTerminator, login: 'none', sendChecksum: false } as const
      const r = await start(script, profile, {}, { checksums: false })
      expect(await r.ils.item('B1')).toMatchObject({ ok: true, value: { messages: ['第一行 第二行'] } })
    },
  )
})

describe('error detection', () => {
  const sum = (units: Iterable<number>): string => {
    let total = 0
    for (const unit of units) total += unit
    return (-total & 0xffff).toString(16).toUpperCase().padStart(4, '0')
  }
  const units = (text: string): number[] => Array.from({ length: text.length }, (_, i) => text.charCodeAt(i))

  it('can be summed over UTF-16 units, as some library systems do', async () => {
    const r = await start(friendly, { checksumRule: 'utf-16' })
    void r.ils.placeHold({ ...loan(r), title: '图书馆学基础' })
    const { line } = await r.acs.heard('15')
    const [, body = '', digits] = /^(.*AZ)([0-9A-F]{4})$/.exec(line)!
    expect(digits).toBe(sum(units(body)))
    expect(digits).not.toBe(sum(Buffer.from(body)))
  })

  it('can be summed as dp2 does, with 4 for every number', async () => {
    const r = await start(friendly, { checksumRule: 'dp2', ignoreSequence: true, verifyChecksum: 'off' })
    expect((await r.ils.item('B1')).ok).toBe(true)
    for (const { line } of r.acs.lines) {
      const [, body = '', digits] = /^(.*)\|AY4AZ([0-9A-F]{4})$/.exec(line)!
      expect(digits).toBe(sum(units(body)))
    }
  })

  it.each([
    ['strict', 'utf-16', true],
    ['strict', 'bytes', false],
    ['lenient', 'bytes', true],
    ['off', 'bytes', true],
  ] as const)(
    '%s with the rule %s takes a sum over units: %s',
    async (verifyChecksum, checksumRule, taken) => {
      const script = but(({ command, ay }, link) => {
        if (command === '97') link.answer('96', { ay: '' })
        if (command !== '17') return command === '97'
        const body = `${item18('B1')}AY${ay}AZ`
        link.answer(item18('B1'), { az: sum(units(body)) })
        return true
      })
      const r = await start(script, { verifyChecksum, checksumRule })
      expect((await r.ils.item('B1')).ok).toBe(taken)
    },
  )

  it('that differs is told once a connection', async () => {
    const script = but(({ command, ay }, link) => {
      if (command !== '17') return false
      link.answer(item18('B1'), { az: sum(units(`${item18('B1')}AY${ay}AZ`)) })
      return true
    })
    const r = await start(script, {})
    await r.ils.item('B1')
    await r.ils.item('B1')
    expect(r.warnings.filter(line => line.includes('summed'))).toHaveLength(1)
  })

  it('begins with the number asked for', async () => {
    const r = await start(friendly, { firstSequence: 7 })
    await r.ils.item('B1')
    expect(r.acs.lines.map(({ ay }) => ay)).toEqual(['7', '8', '9'])
  })
})

describe('AO', () => {
  const nypl = but((heard, link) => {
    if (heard.command !== '99') return false
    link.answer(status98().replace('AOLIB|', 'AOnypl |'))
    return true
  })
  it.each([
    [{}, {}, 'nypl '],
    [{ institutionBlanks: 'trimmed' }, {}, 'nypl'],
    [{}, { institution: 'OWN' }, 'OWN'],
    [{ institutionFrom: '98' }, { institution: 'OWN' }, 'nypl '],
    [{ institutionFrom: 'settings' }, {}, ''],
    [{ institutionFrom: '98', sendScStatus: 'never' }, { institution: 'OWN' }, 'OWN'],
  ] as const)('with %j and %j is "%s"', async (profile, settings, expected) => {
    const r = await start(nypl, profile, settings)
    await r.ils.item('B1')
    expect(said(r)).toBe(`1720261122    093000AO${expected}|ABB1|`)
  })
})

describe('fields', () => {
  it('come in the order a library system wants', async () => {
    const r = await start(friendly, { fieldOrder: { '11': ['AB', 'AA'] } })
    await r.ils.checkout(loan(r))
    expect(said(r)).toMatch(/ABB1\|AAR1\|AOLIB\|AC\|$/)
  })

  it('are sent empty, or not at all, where that is wanted', async () => {
    const r = await start(friendly, { emptyFields: ['AD', 'CH'], omitFields: ['AC'] })
    await r.ils.checkout(loan(r))
    expect(said(r)).toMatch(/AOLIB\|AAR1\|ABB1\|CH\|AD\|$/)
  })

  it('end in ASCII where there is no checksum', async () => {
    const r = await start(
      friendly,
      { sendChecksum: false, trailingAsciiField: true },
      {},
      { checksums: false },
    )
    await r.ils.placeHold({ ...loan(r), title: '图书馆学基础' })
    expect(said(r)).toMatch(/[0-9A-Za-z]\|$/)
    expect(said(r)).toContain('AJ图书馆学基础|')
  })

  it('take another delimiter', async () => {
    const script: Script = ({ command }, link) =>
      link.answer((command === '99' ? status98() : item18('B1')).replaceAll('|', '^'))
    const r = await start(script, { delimiter: '^', login: 'none' })
    expect((await r.ils.item('B1')).ok).toBe(true)
    expect(said(r)).toBe('1720261122    093000AOLIB^ABB1^')
  })

  it('name the due date in a renewal where it is wanted', async () => {
    const r = await start(friendly, { dueDateInRenewal: true })
    await r.ils.renew({ ...loan(r), dueBefore: Date.parse('2026-12-01T15:59:00Z') })
    expect(said(r)).toMatch(/^29NN20261122 {4}09300020261201 {4}235900/)
  })
})

describe('what a library system can take', () => {
  it('cuts free text at characters or bytes, never inside a character', async () => {
    const title = '图书馆学基础'.repeat(60)
    const hold = async (profile: Partial<Profile>) => {
      const r = await start(friendly, profile)
      await r.ils.placeHold({ ...loan(r), title })
      return /AJ([^|]*)\|/.exec(said(r))![1]!
    }
    expect(await hold({})).toHaveLength(255)
    expect(await hold({ longestValue: 40 })).toBe(title.slice(0, 40))
    expect(await hold({ longestValueBytes: 255 })).toBe(title.slice(0, 85))
    const gb = await hold({ longestValueBytes: 255, encoding: 'utf-8' })
    expect(iconv.encode(gb, 'utf8').length).toBeLessThanOrEqual(255)
  })

  it('refuses a longer identifier, and a longer message, before anything is sent', async () => {
    const r = await start(friendly, { longestValue: 10, longestRequestBytes: 60 })
    expect(await r.ils.item('B'.repeat(11))).toMatchObject({
      ok: false,
      problem: { kind: 'refused', code: 'sip2-unsafe-value' },
    })
    expect(await r.ils.checkout(loan(r))).toMatchObject({
      ok: false,
      problem: { kind: 'refused', code: 'sip2-message-too-long' },
    })
    expect(r.acs.lines.map(({ command }) => command)).not.toContain('11')
  })

  it('takes answers up to the length it was told', async () => {
    const script = but((heard, link) => {
      if (heard.command !== '17') return false
      link.answer(`${item18('B1')}AF${'x'.repeat(300)}|`)
      return true
    })
    expect((await (await start(script, {})).ils.item('B1')).ok).toBe(true)
    const short = await start(script, { longestAnswerBytes: 255, retries: 0 })
    expect(await short.ils.item('B1')).toMatchObject({ ok: false, problem: { kind: 'garbled' } })
  })
})

it('tells the version it was told to, and takes any', async () => {
  const script = but((heard, link) => {
    if (heard.command !== '99') return false
    link.answer(status98().replace('2.00', '2.0E'))
    return true
  })
  const r = await start(script, { version: '2.0E' })
  expect(await r.ils.check()).toMatchObject({ ok: true, value: { version: '2.0E', institution: 'LIB' } })
  expect(r.acs.lines.find(({ command }) => command === '99')!.line).toMatch(/^9900802\.0E/)
})

it('cuts out of screen messages what means nothing to people', async () => {
  const script = but((heard, link) => {
    if (heard.command !== '17') return false
    link.answer(`${item18('B1')}AF##请到总台|AF#|`)
    return true
  })
  const r = await start(script, { trimMessages: ['^#+'] })
  expect(await r.ils.item('B1')).toMatchObject({ ok: true, value: { messages: ['请到总台'] } })
})

it('a telnet log-in waits before it answers a prompt where that is wanted', async () => {
  let step = 0
  const script: Script = (heard, link) => {
    if (step === 0) link.raw('Password: ')
    else if (step === 1) link.raw('Welcome\r\n')
    else friendly(heard, link)
    step++
  }
  const profile = { login: 'telnet', telnetPauseSeconds: 1 } as const
  const r = await start(script, profile, {}, { greeting: 'User name: ' })
  const answer = r.ils.item('B1')
  await r.acs.met(1)
  for (let turn = 0; turn < 20; turn++) await new Promise(resolve => setImmediate(resolve))
  expect(r.acs.lines).toEqual([])
  while (r.acs.lines.length < 3) await r.clock.advance(250)
  expect((await answer).ok).toBe(true)
})
