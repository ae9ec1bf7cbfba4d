import fc from 'fast-check'
import { afterEach, describe, expect, it } from 'vitest'
import type { SandboxKiosk } from '../../../src/sandbox/kiosk/kiosk.ts'
import { until } from '../../harness/until.ts'
import { anAccount, openSite, type Site, type SiteOptions } from './site.ts'

let site: Site
const open = async (options: SiteOptions = {}): Promise<Site> => {
  site = await openSite(options)
  return site
}
afterEach(() => site?.close())

const counts = () => site.sandbox.state.counts()
const errors = () => site.server.stats().accounts[0]!.errors
const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1')
/** The same message with one digit of its sum changed. */
const damaged = (bytes: Uint8Array): string =>
  text(bytes).replace(/(AZ...)(.)/, (_, head: string, last: string) => head + (last === '0' ? '1' : '0'))

describe('error detection', () => {
  it('is as the machine does it: off for one without, on from the first message with a sum', async () => {
    await open()
    const plain = await site.ready({ checksum: false })
    expect((await plain.say('99')).checksum).toBe('absent')
    const checked = await site.ready()
    const answer = await checked.say('17', { AB: 'B1001' })
    expect([answer.checksum, answer.sequence]).toEqual(['ok', 1])
  })

  it.each(['utf-16', 'dp2'] as const)('sums as a machine does that sums %s', async checksum => {
    const kiosk = await (await open()).ready({ checksum })
    const answer = await kiosk.say('17', { AB: 'B1001', CH: '東' })
    expect(['ok', `ok:${checksum}`]).toContain(answer.checksum)
    expect(answer.get('AJ')).toContain('園林')
  })

  it('asks again by 96, with a sum and without a number, for a wrong sum only', async () => {
    await open()
    const kiosk = await site.ready()
    kiosk.throw(damaged(kiosk.write('11', { AA: 'R0001', AB: 'B1001' })))
    expect(text((await kiosk.hear())!.bytes)).toBe('96AZFEF6')
    expect(counts().checkout.done).toBe(0)
    expect((await kiosk.say('11', { AA: 'R0001', AB: 'B1001' })).fixed.ok).toBe('1')
    expect(errors()).toMatchObject({ 'wrong-checksum': 1 })
  })

  it('asks again for a message without a sum where the account requires one', async () => {
    await open({
      accounts: [
        anAccount({
          addresses: ['127.0.0.1'],
          speech: { ...anAccount().speech, errorDetection: 'required' },
        }),
      ],
    })
    const kiosk = await site.kiosk({ checksum: false })
    expect((await kiosk.say('99')).command).toBe('96')
  })

  it('neither looks nor writes where the account says off', async () => {
    await open({
      accounts: [
        anAccount({ addresses: ['127.0.0.1'], speech: { ...anAccount().speech, errorDetection: 'off' } }),
      ],
    })
    const kiosk = await site.ready()
    kiosk.throw(damaged(kiosk.write('17', { AB: 'B1001' })))
    const answer = await kiosk.hear()
    expect([answer!.command, answer!.checksum]).toEqual(['18', 'absent'])
  })
})

describe('97 and repetitions', () => {
  it('sends the last answer again, byte for byte, and 96 where there is none', async () => {
    await open()
    const fresh = await site.kiosk()
    expect((await fresh.say('97')).command).toBe('96')
    const kiosk = await site.ready()
    const answer = await kiosk.say('11', { AA: 'R0001', AB: 'B1001' })
    kiosk.throw('97AZFEF5\r')
    expect(text((await kiosk.hear())!.bytes)).toBe(text(answer.bytes))
    kiosk.throw('97AZ0000\r')
    expect((await kiosk.hear())!.command).toBe('96')
    kiosk.throw('97AZFEF5\r')
    expect((await kiosk.hear())!.command).toBe('96')
    expect(counts().checkout.done).toBe(1)
  })

  it('replays the answer to the same number and sum, and never runs it', async () => {
    await open()
    const kiosk = await site.ready()
    const answer = await kiosk.say('11', { AA: 'R0001', AB: 'B1001' })
    expect(text((await kiosk.repeat()).bytes)).toBe(text(answer.bytes))
    expect(text((await kiosk.repeat()).bytes)).toBe(text(answer.bytes))
    expect(counts().checkout).toEqual({ done: 1, refused: 0, idle: 0 })
    expect(errors()).toMatchObject({ duplicate: 2 })
  })

  it('does not take two barcodes with the same sum for one, from a machine that never counts', async () => {
    await open()
    const kiosk = await site.ready({ constantSequence: true })
    const first = await kiosk.say('17', { AB: 'B1002' })
    const second = await kiosk.say('17', { AB: 'B2001' })
    expect(first.get('AB')).toBe('B1002')
    expect(second.get('AB')).toBe('B2001')
  })

  it('answers once what was sent twice before there was an answer', async () => {
    await open()
    const kiosk = await site.ready()
    const line = kiosk.write('11', { AA: 'R0001', AB: 'B1001' })
    kiosk.throw(Buffer.concat([line, line, kiosk.write('17', { AB: 'B1001' })]))
    expect((await kiosk.hear())!.command).toBe('12')
    expect((await kiosk.hear())!.command).toBe('18')
    expect(counts().checkout.done).toBe(1)
  })

  it('never runs an act twice, whatever is repeated, damaged and asked for again in between', async () => {
    const word = fc.constantFrom('act', 'repeat', 'damaged', '97', 'bad 97', 'ask', 'twice at once')
    await fc.assert(
      fc.asyncProperty(fc.array(word, { minLength: 4, maxLength: 25 }), async words => {
        const here = await openSite()
        try {
          const kiosk = await here.ready()
          let acts = 0
          for (const one of words) acts += await does(here, kiosk, one, acts)
          const { checkout, checkin } = here.sandbox.state.counts()
          const total = (tally: { done: number; refused: number; idle: number }) =>
            tally.done + tally.refused + tally.idle
          expect(total(checkout) + total(checkin)).toBe(acts)
        } finally {
          await here.close()
        }
      }),
      { numRuns: 40 },
    )
  })
})

/** Says one of the words; how many acts it means. */
const does = async (here: Site, kiosk: SandboxKiosk, word: string, acts: number): Promise<number> => {
  const act = (): Uint8Array =>
    acts % 2 === 0
      ? kiosk.write('11', { AA: 'R0001', AB: 'B1001' })
      : kiosk.write('09', { AB: 'B1001', AP: 'GSQ' })
  const through = async (bytes: Uint8Array | string): Promise<string> => {
    kiosk.throw(bytes)
    return (await kiosk.hear())!.command
  }
  switch (word) {
    case 'act': {
      const bytes = act()
      await through(bytes)
      lastAct.set(kiosk, bytes)
      return 1
    }
    case 'twice at once': {
      const bytes = act()
      await through(Buffer.concat([bytes, bytes]))
      lastAct.set(kiosk, bytes)
      return 1
    }
    case 'repeat': {
      const bytes = lastAct.get(kiosk)
      if (bytes) await through(bytes)
      return 0
    }
    case 'damaged':
      expect(await through(damaged(act()))).toBe('96')
      return 0
    case 'bad 97':
      expect(await through('97AZ1234\r')).toBe('96')
      return 0
    case '97':
      await through('97AZFEF5\r')
      return 0
    default: {
      const bytes = kiosk.write('17', { AB: 'B1001' })
      lastAct.delete(kiosk)
      expect(await through(bytes)).toBe('18')
      expect(here.server.stats().connections).toBe(1)
      return 0
    }
  }
}
const lastAct = new WeakMap<SandboxKiosk, Uint8Array>()

describe('who may come in', () => {
  it('says nothing to requests before the log-in, but tells that somebody is here', async () => {
    await open()
    const kiosk = await site.kiosk()
    kiosk.throw(kiosk.write('11', { AA: 'R0001', AB: 'B1001' }))
    const status = await kiosk.say('99')
    expect([status.command, status.get('BX'), status.get('AO')]).toEqual(['98', 'NNNNYYYNNNNNNNNN', ''])
    expect(counts().checkout.done).toBe(0)
    expect(site.server.stats().strangers.errors).toEqual({ 'before-login': 1 })
  })

  it('cuts the line after the third wrong log-in', async () => {
    await open()
    const kiosk = await site.kiosk()
    expect(await kiosk.login('hall', 'wrong')).toBe(false)
    expect(await kiosk.login('nobody', 'open sesame')).toBe(false)
    expect(await kiosk.login('hall', '')).toBe(false)
    await kiosk.cut
    expect(site.server.stats().strangers.errors).toEqual({ 'bad-login': 3 })
  })

  it('lets further guesses from one address wait ever longer, but nobody who knows the password', async () => {
    await open()
    for (let i = 0; i < 2; i++) {
      const guessing = await site.kiosk()
      for (let n = 0; n < 3; n++) expect(await guessing.login('hall', `guess ${n}`)).toBe(false)
      await guessing.cut
    }
    const seventh = await site.kiosk()
    let answered = false
    const guess = seventh.login('hall', 'guess').then(ok => {
      answered = true
      return ok
    })
    expect((await (await site.ready()).say('17', { AB: 'B1001' })).command).toBe('18')
    expect(answered).toBe(false)
    await site.clock.advance(1000)
    expect(await guess).toBe(false)
  })

  it('cuts whoever has not logged in after ten seconds', async () => {
    await open()
    const [late, good] = [await site.kiosk(), await site.ready()]
    await site.clock.advance(10_000)
    await late.cut
    expect((await good.say('17', { AB: 'B1001' })).command).toBe('18')
  })

  it('takes passwords that stand in the settings only as a hash', async () => {
    const { hashKioskPassword } = await import('../../../src/gateway/sip2-server/logins.ts')
    const password = await hashKioskPassword('open sesame')
    expect(password).toMatch(/^scrypt\$16384\$8\$1\$/)
    await open({ accounts: [anAccount({ password })] })
    expect(await (await site.kiosk()).login('hall', 'open sesame')).toBe(true)
    expect(await (await site.kiosk()).login('hall', 'open sesame')).toBe(true)
    const other = await site.kiosk()
    expect(await other.login('hall', 'open sesam')).toBe(false)
    expect(await other.login('hall', password)).toBe(false)
  })

  it('refuses the right password from a network it does not belong to', async () => {
    await open({ accounts: [anAccount({ addresses: ['10.0.0.0/8', '192.0.2.7'] })] })
    expect(await (await site.kiosk()).login('hall', 'open sesame')).toBe(false)
  })

  it('knows a machine without log-in by its address', async () => {
    await open({
      accounts: [anAccount({ user: undefined, password: undefined, addresses: ['127.0.0.0/8'] })],
    })
    const kiosk = await site.kiosk()
    expect((await kiosk.say('17', { AB: 'B1001' })).command).toBe('18')
  })

  it('refuses passwords in any other way of writing than plain', async () => {
    await open()
    const kiosk = await site.kiosk()
    const answer = await kiosk.say('93', { CN: 'hall', CO: 'open sesame' }, { pwdAlgorithm: '1' })
    expect(answer.fixed.ok).toBe('0')
  })

  it('holds each account, address and all together to their number of lines', async () => {
    await open({
      accounts: [anAccount({ connections: 1 }), anAccount({ id: 'b', user: 'b' })],
      limits: { connectionsPerAddress: 3 },
    })
    await site.ready()
    expect(await (await site.kiosk()).login('hall', 'open sesame')).toBe(false)
    await site.ready({}, 'b')
    const fourth = await site.kiosk()
    await fourth.cut
    expect(site.server.stats().turnedAway).toEqual({ 'too-many-of-account': 1, 'too-many-of-address': 1 })
  })
})

describe('what cannot be understood', () => {
  it('goes to the library system and back untouched when nobody here knows the command', async () => {
    await open()
    const passed: unknown[] = []
    const relay = site.ils.relay.bind(site.ils)
    site.ils.relay = async (message, act) => {
      if (message.command !== '41') return relay(message, act)
      passed.push(message)
      return {
        ok: true,
        value: {
          command: '42',
          fixed: { text: 'ok' },
          fields: [
            ['ZT', '3'],
            ['ZR', '运河志'],
          ],
        },
      }
    }
    const kiosk = await site.ready({ checksum: false })
    kiosk.throw('41any|ZW书名|\r')
    expect(Buffer.from((await kiosk.hear())!.bytes).toString('utf8')).toBe('42ok|ZT3|ZR运河志|')
    expect(passed).toEqual([{ command: '41', fixed: { text: 'any' }, fields: [['ZW', '书名']] }])
    const checked = await site.ready()
    checked.throw('41|ZW1|AY2AZFC5A\r')
    const answer = await checked.hear()
    expect([answer!.command, answer!.sequence, answer!.checksum]).toEqual(['42', 2, 'ok'])
  })

  it('is not tried again for a while when nobody has answered it', async () => {
    await open()
    let tries = 0
    const relay = site.ils.relay.bind(site.ils)
    site.ils.relay = async (message, act) => {
      if (message.command !== '41') return relay(message, act)
      tries += 1
      return {
        ok: false,
        problem: { kind: 'unreachable', code: 'x', retry: 'later', say: { zh: '', en: '' } },
      }
    }
    const kiosk = await site.ready({ checksum: false })
    for (let i = 0; i < 5; i++) kiosk.throw('41any|\r')
    expect((await kiosk.say('99')).command).toBe('98')
    expect(tries).toBe(1)
  })

  it('is not answered when nobody knows the command, and passed on untouched where somebody may', async () => {
    await open({ accounts: [anAccount({ passesUnknown: false })] })
    const kiosk = await site.ready({ checksum: false })
    kiosk.throw('77whatever|XXy|\r')
    expect((await kiosk.say('99')).command).toBe('98')
    expect(errors()).toMatchObject({ 'unknown-command': 1 })
  })

  it('is refused when the command is known', async () => {
    await open()
    const kiosk = await site.ready({ checksum: false })
    kiosk.throw('11NN2026|AA|\r')
    const answer = await kiosk.hear()
    expect([answer!.command, answer!.fixed.ok, answer!.get('AF')]).toEqual([
      '12',
      '0',
      '请求不完整，没有办理。',
    ])
    const lacking = await kiosk.say('11', { AA: 'R0001', AB: '' })
    expect(lacking.fixed.ok).toBe('0')
    expect(errors()).toMatchObject({ malformed: 2 })
    expect(counts().checkout.done + counts().checkout.refused).toBe(0)
  })

  it('is nothing at all when it is no message', async () => {
    await open()
    const kiosk = await site.ready({ checksum: false })
    kiosk.throw('GET / HTTP/1.1\r\n\r\n')
    kiosk.throw('11\0\0AA|\r')
    expect((await kiosk.say('99')).command).toBe('98')
    expect(errors()).toMatchObject({ unreadable: 2 })
  })

  it('is refused when the account may not use the message', async () => {
    await open({ accounts: [anAccount({ use: 'gate', commands: ['17'] })] })
    const kiosk = await site.ready()
    expect((await kiosk.say('99')).get('BX')).toBe('NNNNYYYNYNYNNNNN')
    expect((await kiosk.say('17', { AB: 'B1001' })).command).toBe('18')
    const refused = await kiosk.say('11', { AA: 'R0001', AB: 'B1001' })
    expect([refused.fixed.ok, refused.get('AF')]).toEqual(['0', '这里不能办理这项业务。'])
  })

  it('puts a wrong clock of the machine right', async () => {
    await open()
    const kiosk = await site.ready()
    await kiosk.say('11', { AA: 'R0001', AB: 'B1001' })
    await kiosk.say(
      '09',
      { AB: 'B1001', AP: 'GSQ' },
      { date: '20380119    031407', returnDate: '20380119    031407' },
    )
    expect(errors()).toMatchObject({ 'clock-off': 1 })
    expect(counts().checkin.done).toBe(1)
  })
})

describe('a library system that goes away', () => {
  /** The library system shuts, and our link has found it out. */
  const away = async (): Promise<void> => {
    await site.sandbox.faults.close('refuse-connections')
    while (site.ils.health().state !== 'down') {
      void site.ils.item('B1001')
      await site.clock.advance(1000)
    }
  }

  it('is told by one 98 in place of the next answer, then requests are answered', async () => {
    await open()
    const kiosk = await site.ready()
    await kiosk.say('99')
    await away()
    expect(site.ils.health().state).toBe('down')
    const status = await kiosk.say('11', { AA: 'R0001', AB: 'B1001' })
    expect([
      status.command,
      status.fixed.onlineStatus,
      status.fixed.checkoutOk,
      status.fixed.checkinOk,
    ]).toEqual(['98', 'Y', 'N', 'Y'])
    // The very same bytes again: they have not been run.
    const answer = await kiosk.repeat()
    expect([answer.command, answer.fixed.ok, answer.get('AF')]).toEqual([
      '12',
      '0',
      '图书馆系统暂时连不上，请稍后再试。',
    ])
    await site.sandbox.faults.close('open')
    while (site.ils.health().state !== 'up') await site.clock.advance(5000)
    expect((await kiosk.say('11', { AA: 'R0001', AB: 'B1001' })).command).toBe('98')
    expect((await kiosk.repeat()).fixed.ok).toBe('1')
  })

  it('is not on-line for machines that may do nothing meanwhile', async () => {
    await open({ accounts: [anAccount({ offline: { checkouts: false, checkins: false, loanDays: 30 } })] })
    const kiosk = await site.ready()
    await away()
    const status = await kiosk.say('99')
    expect([status.fixed.onlineStatus, status.fixed.offlineOk]).toEqual(['N', 'N'])
    expect((await kiosk.say('09', { AB: 'B1001', AP: 'GSQ' })).fixed.ok).toBe('0')
    expect(site.world.happened).toEqual([])
  })

  it('is told later of what has happened, where the account allows it', async () => {
    await open({ accounts: [anAccount({ offline: { checkouts: true, checkins: true, loanDays: 14 } })] })
    const kiosk = await site.ready()
    await away()
    const lent = await kiosk.say('11', { AA: 'R0001', AB: 'B1001' })
    expect([lent.fixed.ok, lent.get('AH')]).toEqual(['1', '2026-10-29 23:59:59'])
    const back = await kiosk.say('09', { AB: 'B2001', AP: 'PJL' })
    expect([back.fixed.ok, back.get('AF')]).toEqual(['1', '图书馆系统暂时离线，已记下，稍后自动补办。'])
    expect(site.world.happened).toMatchObject([
      { act: 'checkout', barcode: 'B1001', card: 'R0001', at: Math.floor(site.clock.now() / 1000) * 1000 },
      { act: 'checkin', barcode: 'B2001', location: 'PJL' },
    ])
    expect((await kiosk.say('29', { AA: 'R0001', AB: 'B1001' })).fixed.ok).toBe('0')
    const reader = await kiosk.say('63', { AA: 'R0001', AD: '1234' })
    expect([reader.get('CQ'), reader.get('AF')]).toEqual(['', '图书馆系统离线，未核对密码。'])
  })

  it('is told later of transactions that a machine has stored, with their own dates', async () => {
    await open({ accounts: [anAccount({ offline: { checkouts: true, checkins: true, loanDays: 30 } })] })
    const kiosk = await site.ready()
    const fixed = { noBlock: 'Y', date: '20261014    180000', nbDueDate: '20261101    235959' }
    expect((await kiosk.say('11', { AA: 'R0003', AB: 'B1001' }, fixed)).fixed.ok).toBe('1')
    const [happened] = site.world.happened
    expect(new Date(happened!.at).toISOString()).toBe('2026-10-14T10:00:00.000Z')
    expect(new Date(happened!.dueAt!).toISOString()).toBe('2026-11-01T15:59:59.000Z')
    expect(counts().checkout.done).toBe(0)
  })

  it('is not overtaken: what still waits for it on an item goes first', async () => {
    await open({ accounts: [anAccount({ offline: { checkouts: true, checkins: true, loanDays: 30 } })] })
    site.world.waiting.add('B1001')
    const kiosk = await site.ready()
    expect((await kiosk.say('09', { AB: 'B1001', AP: 'GSQ' })).fixed.ok).toBe('1')
    expect(site.world.happened).toHaveLength(1)
    expect(counts().checkin.done + counts().checkin.idle).toBe(0)
  })
})

describe('a slow library system', () => {
  it('does not keep the machine waiting beyond the time that 98 tells, and lends once', async () => {
    await open({ limits: { answerTime: 6000 } })
    const kiosk = await site.ready()
    expect((await kiosk.say('99')).fixed.timeout).toBe('060')
    site.sandbox.faults.set({ on: '11', fault: { kind: 'delay', by: 8000 } })
    const asked = kiosk.say('11', { AA: 'R0001', AB: 'B1001' })
    await until(() => counts().checkout.done === 1)
    await site.clock.advance(5000)
    const answer = await asked
    expect([answer.fixed.ok, answer.get('AF')]).toEqual(['0', '图书馆系统没有及时答复，请稍后再试或找馆员。'])
    expect(errors()).toMatchObject({ 'ils-slow': 1 })
    expect(site.logged.join()).toContain('answered before the library system did')
    // The reader tries again: the loan that was made is found, none is made.
    const again = kiosk.say('11', { AA: 'R0001', AB: 'B1001' })
    await site.clock.advance(4000)
    expect((await again).fixed.ok).toBe('1')
    expect(counts().checkout.done).toBe(1)
    expect(errors()).toMatchObject({ 'late-loan': 1 })
  })

  it('finds out after a lost answer what is true, also on another line of the same machine', async () => {
    await open()
    const first = await site.ready()
    site.sandbox.faults.set({ on: '11', fault: { kind: 'silence', act: 'done' } })
    first.throw(first.write('11', { AA: 'R0001', AB: 'B1001' }))
    await until(() => counts().checkout.done === 1)
    first.close()
    const second = await site.ready()
    const asked = second.say('11', { AA: 'R0001', AB: 'B1001' })
    let answered = false
    void asked.then(() => {
      answered = true
    })
    while (!answered) await site.clock.advance(5000)
    const answer = await asked
    const told = answer.fixed.ok === '1' ? answer : await second.say('11', { AA: 'R0001', AB: 'B1001' })
    expect([told.fixed.ok, told.get('AB')]).toEqual(['1', 'B1001'])
    expect(counts().checkout).toMatchObject({ done: 1, refused: 0 })
  })

  it('lets a return count though its answer is late: the book lies in the box', async () => {
    await open({ limits: { answerTime: 6000 } })
    const kiosk = await site.ready()
    await kiosk.say('11', { AA: 'R0001', AB: 'B1001' })
    site.sandbox.faults.set({ on: '09', fault: { kind: 'delay', by: 8000 } })
    const asked = kiosk.say('09', { AB: 'B1001', AP: 'GSQ' })
    await until(() => counts().checkin.done === 1)
    await site.clock.advance(5000)
    expect((await asked).fixed.ok).toBe('1')
  })
})

describe('what is seen of it', () => {
  it('counts requests, refusals and times for each account, and shows last words masked', async () => {
    await open()
    const kiosk = await site.ready()
    await kiosk.say('63', { AA: 'R0001', AD: '1234' })
    await kiosk.say('11', { AA: 'R0001', AB: 'B4001' })
    const [account] = site.server.stats().accounts
    expect(account).toMatchObject({
      account: 'hall',
      libraryId: 'sz',
      requests: { '93': 1, '63': 1, '11': 1 },
      refusals: 1,
      latency: { count: 2 },
    })
    expect(account!.connections).toMatchObject([{ address: '127.0.0.1', tls: false, requests: 2 }])
    const seen = JSON.stringify([account!.lastWords, site.transcript, site.logged])
    for (const secret of ['1234', 'R0001', '顾小满', 'open sesame', 'xiaoman@', '虚构路'])
      expect(seen).not.toContain(secret)
    expect(account!.lastWords.at(-1)!.request).toContain('AB')
  })
})
