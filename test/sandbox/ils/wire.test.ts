import { afterEach, describe, expect, it } from 'vitest'
import { ManualClock } from '../../../src/kernel/clock.ts'
import { seededRandom } from '../../../src/kernel/ids.ts'
import {
  type Dialect,
  dp2Manner,
  gb18030Plain,
  kohaManner,
  utf8Checksums,
} from '../../../src/sandbox/ils/dialect.ts'
import type { IlsSeed } from '../../../src/sandbox/ils/model.ts'
import { type SandboxIls, startSandboxIls } from '../../../src/sandbox/ils/sandbox-ils.ts'
import { library, start } from './library.ts'
import { az, sealed, Terminal } from './terminal.ts'

const now = '20261015    093000'
const blank = ' '.repeat(18)
let sandbox: SandboxIls
let terminals: Terminal[] = []
afterEach(async () => {
  for (const terminal of terminals) terminal.hangUp()
  terminals = []
  await sandbox.close()
})

const open = async (dialect: Dialect, seed: Partial<IlsSeed> = {}): Promise<Terminal> => {
  sandbox = await startSandboxIls({
    name: 'test',
    dialect,
    seed: { ...library(), ...seed },
    clock: new ManualClock(start),
    random: seededRandom('wire'),
  })
  return dial()
}
const dial = async (): Promise<Terminal> => {
  const terminal = await Terminal.dial(sandbox.port)
  terminals.push(terminal)
  return terminal
}
/** Logged in, error detection on; the login used the digit 0. */
const loggedIn = async (dialect: Dialect = utf8Checksums): Promise<Terminal> => {
  const terminal = await open(dialect)
  await terminal.ask(sealed('9300CNgateway|COs3cret|CPGSQ|', 0), dialect.terminator)
  return terminal
}
/** The text of an answer up to AZ, after its checksum was found right. */
const checked = (line: Buffer): string => {
  const text = line.toString()
  expect(az(line.subarray(0, -4))).toBe(text.slice(-4))
  return text.slice(0, -4)
}

describe('error detection', () => {
  it('answers the login of the protocol itself with the digit of the request', async () => {
    const terminal = await open(utf8Checksums, {
      accounts: [{ user: 'LoginUserID', password: 'LoginPassword' }],
    })
    const answer = await terminal.ask('9300CNLoginUserID|COLoginPassword|CPLocationCode|AY5AZEC7B\r')
    expect(answer.toString()).toBe('941AY5AZFDF8')
  })

  it('tells its status to a terminal that gives a right checksum', async () => {
    const terminal = await open({ ...utf8Checksums, requiresLogin: false })
    expect(checked(await terminal.ask('9900802.00AY1AZFCA0\r'))).toBe(
      `98YYYYYY600003${now}2.00AOSZTEST|AM测试图书馆|BXYYYYYYYYYYYYYYYY|AY1AZ`,
    )
  })

  it('asks again with 96 for a wrong checksum, and for none where it must be there', async () => {
    const terminal = await open(utf8Checksums)
    expect((await terminal.ask('9900802.00AY1AZFCA1\r')).toString()).toBe('96AZFEF6')
    expect((await terminal.ask('9900802.00\r')).toString()).toBe('96AZFEF6')
    expect(sandbox.heard()).toEqual({ '99': 2 })
  })

  it('refuses the checksum of a terminal that sums characters in place of bytes', async () => {
    const terminal = await loggedIn()
    const text = `2300120261015    093000AOSZTEST|AA图书|AC|AD|AY1AZ`
    const units = [...text].reduce((sum, char) => sum + char.charCodeAt(0), 0)
    const digits = (-units & 0xffff).toString(16).toUpperCase()
    expect((await terminal.ask(`${text}${digits}\r`)).toString()).toBe('96AZFEF6')
    expect(checked(await terminal.ask(`${text}${az(Buffer.from(text))}\r`))).toMatch(/^24YYYY.*AA图书\|/)
  })

  it('asks again for a card number it could not write back', async () => {
    const terminal = await loggedIn()
    const body = Buffer.from('2300120261015    093000AOSZTEST|AA\u0001|AC|AD|AY1AZ')
    expect((await terminal.ask(Buffer.concat([body, Buffer.from(`${az(body)}\r`)]))).toString()).toBe(
      '96AZFEF6',
    )
  })

  it('sends its last answer again for 97, and 96 where there is none', async () => {
    const terminal = await open({ ...utf8Checksums, requiresLogin: false })
    expect((await terminal.ask('97AZFEF5\r')).toString()).toBe('96AZFEF6')
    const first = await terminal.ask('9900802.00AY1AZFCA0\r')
    expect(await terminal.ask('97AZFEF5\r')).toEqual(first)
  })

  it('answers a repeated request again without acting again', async () => {
    const terminal = await loggedIn()
    const request = sealed(`11YN${now}${blank}AOSZTEST|AAR0001|ABB2001|AC|`, 1)
    const first = await terminal.ask(request)
    expect(await terminal.ask(request)).toEqual(first)
    expect(sandbox.state.counts().checkout.done).toBe(1)
    await terminal.ask(sealed(`11YN${now}${blank}AOSZTEST|AAR0001|ABB2001|AC|`, 2))
    expect(sandbox.state.counts().checkout.done).toBe(2)
  })

  it('acts again on a repeated request where it lacks the rule', async () => {
    const terminal = await loggedIn(kohaManner)
    const request = sealed(`11NN${now}${blank}AOSZTEST|AAR0001|ABB2001|AC|`, 1)
    await terminal.ask(request, '\r\n')
    await terminal.ask(request, '\r\n')
    expect(sandbox.state.counts().checkout.done).toBe(2)
  })

  it('mirrors the terminal where it follows it', async () => {
    const terminal = await open({ ...utf8Checksums, checksums: 'mirror', requiresLogin: false })
    expect((await terminal.ask('9900802.00\r')).toString()).not.toMatch(/AZ....$/)
    checked(await terminal.ask('9900802.00AY1AZFCA0\r'))
  })

  it('computes the checksum of dp2 as dp2 does', async () => {
    const terminal = await open({ ...dp2Manner, requiresLogin: true })
    const answer = await terminal.ask('9300CNgateway|COs3cret|\r')
    expect(answer.toString()).toBe('941|AY4AZFF62')
  })
})

describe('the conversation', () => {
  it('hangs up on a terminal that does not log in', async () => {
    const terminal = await open(utf8Checksums)
    const answer = await terminal.ask(sealed(`17${now}AOSZTEST|ABB2001|AC|`, 0))
    expect(answer.toString()).toBe('')
    expect(terminal.ended).toBe(true)
  })

  it('hangs up after the third wrong password', async () => {
    const terminal = await open(utf8Checksums)
    for (const digit of [0, 1, 2])
      expect((await terminal.ask(sealed('9300CNgateway|COwrong|', digit))).toString()).toMatch(/^940/)
    await terminal.gone()
  })

  it('takes a message in pieces, two in one piece, and any end of line', async () => {
    const terminal = await open({ ...gb18030Plain, unknownCommand: 'ignore' })
    for (const byte of Buffer.from('9900802.00\r')) terminal.send(Uint8Array.of(byte))
    expect((await terminal.line('\r')).toString('latin1')).toMatch(/^98/)
    terminal.send('9900802.00\r\n9900802.00\n\r\n\r')
    expect((await terminal.line('\r')).toString('latin1')).toMatch(/^98/)
    expect((await terminal.line('\r')).toString('latin1')).toMatch(/^98/)
  })

  it.each([
    ['ignores', { ...gb18030Plain, unknownCommand: 'ignore' } as Dialect, '98'],
    ['answers 96 to', { ...gb18030Plain, unknownCommand: '96' } as Dialect, '96'],
    ['hangs up on', gb18030Plain, ''],
  ])('%s an unknown command', async (_, dialect, first) => {
    const terminal = await open(dialect)
    const line = await terminal.ask('77whatever|\r9900802.00\r')
    expect(line.toString('latin1').slice(0, 2)).toBe(first)
  })

  it('treats a message outside its mask as unknown, also when the mask changes', async () => {
    const terminal = await open({ ...gb18030Plain, unknownCommand: '96' })
    expect((await terminal.ask(`17${now}AO|ABB2001|\r`)).toString('latin1')).toMatch(/^1803/)
    sandbox.faults.changeMask('YYYYYYYYYYNYYYYY')
    expect((await terminal.ask(`17${now}AO|ABB2001|\r`)).toString()).toBe('96')
    expect((await terminal.ask('9900802.00\r')).toString('latin1')).toContain('BXYYYYYYYYYYNYYYYY|')
  })

  it('lets in only as many terminals as it has lines', async () => {
    await open(gb18030Plain)
    for (let i = 0; i < 3; i++) expect((await (await dial()).ask('9900802.00\r')).length).toBeGreaterThan(36)
    const fifth = await dial()
    await fifth.gone()
    expect(sandbox.connections()).toBe(4)
  })

  it('does not answer a foreign institution where it is strict', async () => {
    const terminal = await open({ ...gb18030Plain, foreignInstitution: 'ignore' })
    const answer = await terminal.ask(`17${now}AOOTHER|ABB2001|\r17${now}AOSZTEST|ABB1001|\r`)
    expect(answer.toString('latin1')).toContain('ABB1001|')
  })
})

describe('circulation', () => {
  it('lends with all the fields of 12, in order', async () => {
    const terminal = await loggedIn()
    const answer = await terminal.ask(sealed(`11YN${now}${blank}AOSZTEST|AAR0001|ABB2001|AC|`, 1))
    expect(checked(answer)).toBe(
      `121NNY${now}AOSZTEST|AAR0001|ABB2001|AJ图书馆学基础|AH2026-11-14 23:59:59|CK001|BKL101|AY1AZ`,
    )
  })

  it('renews a loan by a second checkout only where the terminal wants it', async () => {
    const terminal = await loggedIn()
    const request = (policy: string, digit: number) =>
      terminal.ask(sealed(`11${policy}N${now}${blank}AOSZTEST|AAR0001|ABB2001|AC|`, digit))
    await request('N', 1)
    expect(checked(await request('N', 2))).toMatch(/^120N.*AFItem is already on loan to this patron/)
    expect(checked(await request('Y', 3))).toMatch(/^121Y/)
  })

  it('refuses in Chinese and in English, with an empty due date', async () => {
    const terminal = await loggedIn()
    const answer = await terminal.ask(sealed(`11YN${now}${blank}AOSZTEST|AAR0003|ABB2001|AC|`, 1))
    expect(checked(answer)).toBe(
      `120NNN${now}AOSZTEST|AAR0003|ABB2001|AJ图书馆学基础|AH|CK001|AF读者证已停用|AFCard is blocked|AY1AZ`,
    )
  })

  it('carries out a loan that was made while it was away, with the dates of then', async () => {
    const terminal = await loggedIn()
    const answer = await terminal.ask(
      sealed(`11NY20261014    20000020261101    235959AOSZTEST|AAR0003|ABB2001|AC|`, 1),
    )
    expect(checked(answer)).toContain('AH2026-11-01 23:59:59|')
  })

  it('tells where a returned book must go and for whom', async () => {
    const terminal = await loggedIn()
    sandbox.state.addHold({ card: 'R0002', barcode: 'B2001', pickup: 'PJL' })
    const answer = await terminal.ask(sealed(`09N${now}${now}APGSQ|AOSZTEST|ABB2001|AC|`, 1))
    expect(checked(answer)).toBe(
      `101YNY${now}AOSZTEST|ABB2001|AQGSQ|AJ图书馆学基础|CK001|CSI247.5/b2|CTPJL|CV02|CYR0002|DA沈億東|AF该文献未借出|AFItem was not on loan|AF有预约，请调往取书馆|AFOn hold: send to the pickup branch|AY1AZ`,
    )
  })

  it('undoes a checkout whose book did not come out', async () => {
    const terminal = await loggedIn()
    const before = sandbox.state.snapshot()
    await terminal.ask(sealed(`11YN${now}${blank}AOSZTEST|AAR0001|ABB2001|AC|`, 1))
    const undone = await terminal.ask(sealed(`09N${now}${blank}APGSQ|AOSZTEST|ABB2001|AC|BIY|`, 2))
    expect(checked(undone)).toMatch(/^101/)
    expect(sandbox.state.snapshot()).toEqual(before)
  })

  it('asks for agreement to a fee before it lends', async () => {
    const terminal = await loggedIn()
    const first = await terminal.ask(sealed(`11YN${now}${blank}AOSZTEST|AAR0001|ABB4002|AC|`, 1))
    expect(checked(first)).toMatch(/^120.*BT06\|BHCNY\|BV2\.00\|/)
    const second = await terminal.ask(sealed(`11YN${now}${blank}AOSZTEST|AAR0001|ABB4002|AC|BOY|`, 2))
    expect(checked(second)).toMatch(/^121/)
  })

  it('renews, and refuses with the reason what is not on loan', async () => {
    const terminal = await loggedIn()
    await terminal.ask(sealed(`11YN${now}${blank}AOSZTEST|AAR0001|ABB2001|AC|`, 1))
    const renewed = await terminal.ask(sealed(`29NN${now}${blank}AOSZTEST|AAR0001|ABB2001|`, 2))
    expect(checked(renewed)).toBe(
      `301YNN${now}AOSZTEST|AAR0001|ABB2001|AJ图书馆学基础|AH2026-12-14 23:59:59|CK001|BKL101|AY2AZ`,
    )
    const refused = await terminal.ask(sealed(`29NN${now}${blank}AOSZTEST|AAR0001|ABB1001|`, 3))
    expect(checked(refused)).toContain('|AFItem is not on loan|')
    const all = await terminal.ask(sealed(`65${now}AOSZTEST|AAR0001|`, 4))
    expect(checked(all)).toBe(`66100010000${now}AOSZTEST|BMB2001|AY4AZ`)
  })

  it('queues a hold with its place, moves its pick-up branch and takes it away', async () => {
    const terminal = await loggedIn()
    const added = await terminal.ask(
      sealed(`15+${now}BW20261115    235959|BSPJL|BY2|AOSZTEST|AAR0001|ABB2001|`, 1),
    )
    expect(checked(added)).toBe(
      `161Y${now}BW20261115    235959|BR1|BSPJL|AOSZTEST|AAR0001|ABB2001|AJ图书馆学基础|AY1AZ`,
    )
    const again = await terminal.ask(sealed(`15+${now}BSPJL|AOSZTEST|AAR0001|ABB2001|`, 2))
    expect(checked(again)).toMatch(/^160N.*AFPatron already has a hold/)
    const moved = await terminal.ask(sealed(`15*${now}BSGSQ|AOSZTEST|AAR0001|AJ图书馆学基础|`, 3))
    expect(checked(moved)).toMatch(/^161.*BSGSQ\|/)
    await terminal.ask(sealed(`15-${now}AOSZTEST|AAR0001|ABB2001|`, 4))
    expect(sandbox.state.snapshot().holds).toEqual([])
  })

  it('tells an item with its queue, its due date and its places', async () => {
    const terminal = await loggedIn()
    sandbox.state.addHold({ card: 'R0001', barcode: 'M001' })
    expect(checked(await terminal.ask(sealed(`17${now}AOSZTEST|ABM001|AC|`, 1)))).toBe(
      `18040001${now}CF1|AH2026-11-30 23:59:59|ABM001|AJ连环画 第001册|BGSZTEST|CK001|AQGSQ|APGSQ|CSI247.5/m001|AY1AZ`,
    )
    expect(checked(await terminal.ask(sealed(`17${now}AOSZTEST|ABNONE|AC|`, 2)))).toBe(
      `18010001${now}ABNONE|AJ|AF条码不存在|AFItem not found|AY2AZ`,
    )
  })

  it('keeps what a sorter writes about an item', async () => {
    const terminal = await loggedIn()
    const answer = await terminal.ask(sealed(`19${now}AOSZTEST|ABB2001|CH架位 A-3|`, 1))
    expect(checked(answer)).toBe(`201${now}ABB2001|AJ图书馆学基础|CH架位 A-3|AY1AZ`)
  })
})

describe('patrons', () => {
  const about = (more: string) => `AOSZTEST|AAR0001|AE顾小满|${more}`

  it('tells a right PIN, a wrong one, and says nothing about none', async () => {
    const terminal = await loggedIn()
    const ask = async (pin: string, digit: number) =>
      checked(await terminal.ask(sealed(`23019${now}AOSZTEST|AAR0001|AC|AD${pin}|`, digit)))
    const head = `24${' '.repeat(14)}019${now}`
    expect(await ask('1234', 1)).toBe(`${head}${about('BLY|CQY|BHCNY|BV0.00|')}AY1AZ`)
    expect(await ask('4321', 2)).toBe(`${head}${about('BLY|CQN|BHCNY|BV0.00|')}AY2AZ`)
    expect(await ask('', 3)).toBe(`${head}${about('BLY|BHCNY|BV0.00|')}AY3AZ`)
  })

  it('lists 25 loans in pages, and all at once where it does not know pages', async () => {
    const ask = (from: number, to: number) => `63019${now}  Y       AOSZTEST|AAR0007|AC|AD|BP${from}|BQ${to}|`
    const terminal = await loggedIn()
    const first = checked(await terminal.ask(sealed(ask(1, 20), 1)))
    expect(first.slice(37, 61)).toBe('000000000025000000000000')
    expect(first.match(/\|AUM\d{3}/g)).toHaveLength(20)
    expect(checked(await terminal.ask(sealed(ask(21, 40), 2))).match(/\|AUM\d{3}/g)).toHaveLength(5)
    await sandbox.close()
    const plain = await open(gb18030Plain)
    const whole = (await plain.ask(`${ask(1, 20)}\r`)).toString('latin1')
    expect(whole.match(/\|AUM\d{3}/g)).toHaveLength(25)
  })

  it('takes a payment, and refuses more than is owed', async () => {
    const terminal = await loggedIn()
    const pay = (amount: string) => `37${now}0400CNYBV${amount}|AOSZTEST|AAR0005|BKT-1|`
    expect(checked(await terminal.ask(sealed(pay('5.00'), 1)))).toBe(`38Y${now}AOSZTEST|AAR0005|BKT-1|AY1AZ`)
    expect(checked(await terminal.ask(sealed(pay('100.00'), 2)))).toMatch(/^38N.*AFAmount exceeds/)
    expect(sandbox.state.snapshot().owed).toEqual({ R0005: 700 })
  })

  it('blocks a card, enables one from the stock, and ends a session', async () => {
    const terminal = await loggedIn()
    const blocked = await terminal.ask(sealed(`01N${now}AOSZTEST|AL遗失|AAR0001|AC|`, 1))
    expect(checked(blocked)).toMatch(/^24YYYY/)
    const enabled = await terminal.ask(sealed(`25${now}AOSZTEST|AAP9001|AC|AD|`, 2))
    expect(checked(enabled)).toMatch(/^26 {14}/)
    expect(sandbox.state.snapshot().blocked).toEqual(['R0001', 'R0003'])
    const ended = await terminal.ask(sealed(`35${now}AOSZTEST|AAR0001|`, 3))
    expect(checked(ended)).toBe(`36Y${now}AOSZTEST|AAR0001|AY3AZ`)
  })

  it('wants the PIN with every act where the library says so', async () => {
    const terminal = await loggedIn({ ...utf8Checksums, patronPasswordNeeded: true })
    const request = (pin: string) => `11YN${now}${blank}AOSZTEST|AAR0001|ABB2001|AC|${pin}`
    expect(checked(await terminal.ask(sealed(request(''), 1)))).toMatch(/^120.*AFWrong password/)
    expect(checked(await terminal.ask(sealed(request('AD1234|'), 2)))).toMatch(/^121/)
  })
})

describe('dialects', () => {
  it('writes GB18030, where the second byte of 東 is the delimiter', async () => {
    const terminal = await open(gb18030Plain)
    const line = await terminal.ask(`17${now}AO|ABB1001|AC|\r`)
    const title = Buffer.from('8840c1d6967ccef7a3ba837cc4ead6aed97c', 'hex')
    expect(line.indexOf(Buffer.concat([Buffer.from('|AJ'), title, Buffer.from('|BG')]))).toBeGreaterThan(0)
  })

  it('reads GB18030 too', async () => {
    const terminal = await open(gb18030Plain)
    const title = Buffer.from('8840c1d6967ccef7a3ba837cc4ead6aed97c', 'hex')
    await terminal.ask(Buffer.concat([Buffer.from(`15+${now}AO|AAR0001|AJ`), title, Buffer.from('|AC|\r')]))
    expect(sandbox.state.snapshot().holds).toMatchObject([{ card: 'R0001', bibId: 'b1' }])
  })

  it('ends lines and writes due dates in the manner of Koha, and resends with the digit 0', async () => {
    const terminal = await loggedIn(kohaManner)
    const lent = await terminal.ask(sealed(`11YN${now}${blank}AOSZTEST|AAR0001|ABB2001|AC|`, 4), '\r\n')
    expect(checked(lent)).toContain('|AH20261114    235959|')
    const resent = await terminal.ask('97AZFEF5\r', '\r\n')
    expect(checked(resent)).toBe(checked(lent).replace('AY4AZ', 'AY0AZ'))
    const twice = await terminal.ask(sealed(`09N${now}${now}APGSQ|AOSZTEST|ABB2001|AC|`, 5), '\r\n')
    expect(checked(twice)).toMatch(/^101/)
    const again = await terminal.ask(sealed(`09N${now}${now}APGSQ|AOSZTEST|ABB2001|AC|`, 6), '\r\n')
    expect(checked(again)).toMatch(/^100/)
  })

  it('pads before AY where it is told to, and writes zones as digits, as a letter or as UTC', async () => {
    const terminal = await loggedIn({ ...utf8Checksums, trailingPadding: 150, dateZone: '0000' })
    const padded = checked(await terminal.ask(sealed('9900802.00', 1)))
    expect(padded).toMatch(/\| {150}AY1AZ$/)
    expect(padded).toContain('202610150000093000')
    await sandbox.close()
    const lettered = await loggedIn({ ...utf8Checksums, dateZone: 'letter' })
    expect(checked(await lettered.ask(sealed('9900802.00', 1)))).toContain('20261015   H093000')
    await sandbox.close()
    const utc = await loggedIn({ ...utf8Checksums, dateZone: 'utc' })
    expect(checked(await utc.ask(sealed('9900802.00', 1)))).toContain('20261015   Z013000')
  })
})
