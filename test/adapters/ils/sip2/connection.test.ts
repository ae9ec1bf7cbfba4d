import { afterEach, describe, expect, it } from 'vitest'
import type { Sip2SettingsInput } from '../../../../src/adapters/ils/sip2/settings.ts'
import { type AcsOptions, but, friendly, item18, now, type Script, status98, summed } from './acs.ts'
import { act, type Rig, rig } from './client.ts'

let current: Rig | undefined
const start = async (
  script: Script,
  settings: Partial<Sip2SettingsInput> = {},
  options: AcsOptions = {},
): Promise<Rig> => {
  current = await rig(script, settings, options)
  return current
}
afterEach(async () => {
  await current?.end()
  current = undefined
})

const title = '图书馆学基础'
const checkout = { ...act, card: 'R1', barcode: 'B1', at: Date.parse('2026-11-22T01:30:00Z') }

describe('a conversation', () => {
  it('begins with login and status, numbers its messages and asks with the AO of the library', async () => {
    const { ils, acs } = await start(friendly)
    expect(await ils.item('B1')).toMatchObject({
      ok: true,
      value: { barcode: 'B1', title, status: 'available' },
    })
    expect(acs.lines.map(heard => heard.line)).toEqual([
      summed('9300CNgateway|COhunter2|AY0AZ'),
      summed('9900802.00AY1AZ'),
      summed(`17${now}AOLIB|ABB1|AY2AZ`),
    ])
  })

  it('can ask for the status first, or never, and need no login', async () => {
    const relais = await start(friendly, { profile: { sendScStatus: 'before-login' } })
    await relais.ils.item('B1')
    expect(relais.acs.lines.map(heard => heard.command)).toEqual(['99', '93', '17'])
    await relais.end()
    const silent = await start(friendly, {
      institution: 'OWN',
      profile: { sendScStatus: 'never', login: 'none' },
    })
    await silent.ils.item('B1')
    expect(silent.acs.lines.map(heard => heard.line)).toEqual([summed(`17${now}AOOWN|ABB1|AY0AZ`)])
  })

  it('wraps its numbers from 9 to 0', async () => {
    const { ils, acs } = await start(friendly, { profile: { firstSequence: 7 } })
    for (let i = 0; i < 4; i++) await ils.item('B1')
    expect(acs.lines.map(heard => heard.ay)).toEqual(['7', '8', '9', '0', '1', '2'])
  })

  it('leaves out AY and AZ where the profile says so', async () => {
    const { ils, acs } = await start(friendly, { profile: { sendChecksum: false } }, { checksums: false })
    expect(await ils.item('B1')).toMatchObject({ ok: true })
    expect(acs.lines.at(-1)?.line).toBe(`17${now}AOLIB|ABB1|`)
  })

  it('takes answers without AY and AZ though ours have them', async () => {
    const { ils } = await start(friendly, {}, { checksums: false })
    expect(await ils.item('B1')).toMatchObject({ ok: true, value: { title } })
  })

  it('speaks GB18030, whose second bytes can be delimiters', async () => {
    const script = but(({ command, value }, link) => {
      if (command !== '17') return false
      link.answer(`180300 1${now}AB${value('AB')}|AJ東億質遼|AQ泑祙寍|`.replace('00 1', '0001'))
      return true
    })
    const { ils } = await start(
      script,
      { dialect: 'gb18030-plain', profile: { sendChecksum: true } },
      { encoding: 'gb18030' },
    )
    expect(await ils.item('B1')).toMatchObject({
      ok: true,
      value: { title: '東億質遼', permanentLocation: '泑祙寍' },
    })
  })

  it.each([['\r\n'], ['\n'], ['\n\r'], [' \r\n\0']])('takes answers that end in %j', async end => {
    const script: Script = ({ command, value }, link) => {
      if (command === '93') link.answer('941', { end })
      if (command === '99') link.answer(status98(), { end })
      if (command === '17') link.answer(item18(value('AB')), { end })
    }
    const { ils } = await start(script, { profile: { terminator: 'crlf' } })
    expect(await ils.item('B1')).toMatchObject({ ok: true })
    expect(await ils.item('B2')).toMatchObject({ ok: true, value: { barcode: 'B2' } })
  })

  it('takes an answer that comes byte by byte', async () => {
    const script = but(({ command, value, ay }, link) => {
      if (command !== '17') return false
      const bytes = Buffer.from(`${summed(`${item18(value('AB'))}AY${ay}AZ`)}\r`)
      const next = (at: number): void => {
        link.bytes(bytes.subarray(at, at + 1))
        if (at + 1 < bytes.length) setImmediate(() => next(at + 1))
      }
      next(0)
      return true
    })
    const { ils } = await start(script)
    expect(await ils.item('B1')).toMatchObject({ ok: true, value: { title } })
  })

  it('takes the first of two answers glued together, and never gives the other one to the next request', async () => {
    const script = but(({ command, value }, link) => {
      if (command !== '17' || value('AB') !== 'B1') return false
      link.answer(item18('B1'))
      link.answer(item18('B1', '12'))
      return true
    })
    const { ils } = await start(script)
    expect(await ils.item('B1')).toMatchObject({ ok: true, value: { barcode: 'B1', status: 'available' } })
    expect(await ils.item('B2')).toMatchObject({ ok: true, value: { barcode: 'B2', status: 'available' } })
  })
})

describe('silence', () => {
  const silentOn =
    (command: string, times: number): Script =>
    (heard, link) => {
      if (heard.command !== command || times-- <= 0) friendly(heard, link)
    }

  it('is met with the same bytes, same AY and AZ, on the same connection, when nothing can go wrong', async () => {
    const { ils, acs, clock } = await start(silentOn('17', 2), {
      profile: { responseTimeoutSeconds: 5, retries: 3 },
    })
    const answer = ils.item('B1')
    for (const count of [1, 2]) {
      await acs.heard('17', count)
      await clock.advance(5_000)
    }
    expect(await answer).toMatchObject({ ok: true })
    const tries = acs.lines.filter(heard => heard.command === '17')
    expect(new Set(tries.map(heard => heard.line)).size).toBe(1)
    expect(tries.map(heard => heard.connection)).toEqual([1, 1, 1])
  })

  it('leaves a connection on which a message went out twice, because its answer may come twice', async () => {
    const { ils, acs, clock } = await start(silentOn('17', 1), { profile: { responseTimeoutSeconds: 5 } })
    const answer = ils.item('B1')
    await acs.heard('17')
    await clock.advance(5_000)
    expect(await answer).toMatchObject({ ok: true })
    await ils.item('B1')
    expect(acs.lines.filter(heard => heard.command === '17').map(heard => heard.connection)).toEqual([
      1, 1, 2,
    ])
  })

  it('ends when the retries are used up, and the connection is not used again', async () => {
    const { ils, acs, clock } = await start(silentOn('17', 3), {
      profile: { responseTimeoutSeconds: 5, retries: 2 },
    })
    const answer = ils.item('B1')
    for (const count of [1, 2, 3]) {
      await acs.heard('17', count)
      await clock.advance(5_000)
    }
    expect(await answer).toMatchObject({
      ok: false,
      problem: { kind: 'unreachable', code: 'ils-no-answer', retry: 'later' },
    })
    expect(await ils.item('B2')).toMatchObject({ ok: true })
    expect(acs.lines.at(-1)?.connection).toBe(2)
  })

  it('takes the patience of 98 within 3 to 60 seconds', async () => {
    const script = but(({ command }, link) => {
      if (command === '17') return true
      if (command !== '99') return false
      link.answer(status98().replace('600003', '010000'))
      return true
    })
    const { ils, acs, clock } = await start(script)
    const answer = ils.item('B1')
    await acs.heard('17')
    await clock.advance(2_999)
    expect(await Promise.race([answer, Promise.resolve('waiting')])).toBe('waiting')
    await clock.advance(1)
    expect(await answer).toMatchObject({ ok: false, problem: { code: 'ils-no-answer' } })
  })

  it('after a loan is never met with the loan again, but with questions on a new connection', async () => {
    const { ils, acs, clock } = await start(silentOn('11', 9))
    const answer = ils.checkout(checkout)
    await acs.heard('11')
    await clock.advance(60_000)
    expect(await answer).toMatchObject({ ok: false, problem: { code: 'ils-no-answer', maybeDone: true } })
    expect(acs.lines.filter(heard => heard.command === '11')).toHaveLength(1)
    expect(acs.lines.filter(heard => heard.connection === 2).map(heard => heard.command)).toEqual([
      '93',
      '99',
      '17',
      '63',
    ])
  })

  it('after a loan is met with the same bytes where the library system is known not to lend twice', async () => {
    const { ils, acs, clock } = await start(silentOn('11', 1), {
      dialect: 'default',
      profile: { resendActs: true, responseTimeoutSeconds: 4 },
    })
    const answer = ils.checkout(checkout)
    await acs.heard('11')
    await clock.advance(4_000)
    expect(await answer).toMatchObject({ ok: true })
    const tries = acs.lines.filter(heard => heard.command === '11').map(heard => heard.line)
    expect(tries).toHaveLength(2)
    expect(tries[0]).toBe(tries[1])
  })

  it('never lets a late answer pass for the answer to a later request', async () => {
    let late: (() => void) | undefined
    const script = but((heard, link) => {
      if (heard.command !== '17' || heard.value('AB') !== 'B1') return false
      late ??= () => link.answer(item18('B1', '12'))
      return true
    })
    const { ils, acs, clock } = await start(script, { profile: { responseTimeoutSeconds: 5, retries: 0 } })
    const first = ils.item('B1')
    await acs.heard('17')
    await clock.advance(5_000)
    expect(await first).toMatchObject({ ok: false })
    late?.()
    expect(await ils.item('B2')).toMatchObject({ ok: true, value: { barcode: 'B2', status: 'available' } })
  })
})

describe('answers that are not the present one', () => {
  it('with another AY are thrown away, and the right one is waited for', async () => {
    const script = but((heard, link) => {
      if (heard.command !== '17') return false
      link.answer(item18('B1', '12'), { ay: String((Number(heard.ay) + 9) % 10) })
      link.answer(item18('B1', '03'))
      return true
    })
    const { ils, warnings } = await start(script)
    expect(await ils.item('B1')).toMatchObject({ ok: true, value: { status: 'available' } })
    expect(warnings.join()).toContain('thrown away')
  })

  it('without AY are told by what they are about', async () => {
    const script = but((heard, link) => {
      if (heard.command !== '17') return false
      link.answer(`101YNN${now}AOLIB|AB${heard.value('AB')}|AQx|`)
      link.answer(item18('OTHER', '12'))
      link.answer(item18('1', '12'))
      link.answer(item18(` 00${heard.value('AB').toLowerCase()}`, '03'))
      return true
    })
    const { ils } = await start(script, {}, { checksums: false })
    expect(await ils.item('B1')).toMatchObject({ ok: true, value: { status: 'available' } })
  })

  it('may name the institution before the item, as dp2 does', async () => {
    const script = but((heard, link) => {
      if (heard.command !== '17') return false
      link.answer(item18('CN-320500-SZ.B1', '03'))
      return true
    })
    const { ils } = await start(script, {}, { checksums: false })
    expect(await ils.item('B1')).toMatchObject({ ok: true })
  })

  it('that come unasked and without a number make the connection useless', async () => {
    const script = but((heard, link) => {
      if (heard.command !== '17' || heard.value('AB') !== 'B1') return false
      link.answer(item18('B1', '03'))
      setImmediate(() => link.answer(item18('B2', '12')))
      return true
    })
    const { ils, acs } = await start(script, {}, { checksums: false })
    expect(await ils.item('B1')).toMatchObject({ ok: true })
    await acs.openIs(0)
    expect(await ils.item('B2')).toMatchObject({ ok: true, value: { status: 'available' } })
    expect(acs.accepted).toBe(2)
  })
})

describe('damaged messages', () => {
  it('a wrong checksum is answered with 97, which repeats the answer and not the act', async () => {
    let damaged = 2
    const script = but((heard, link) => {
      if (heard.command !== '11' && heard.command !== '97') return false
      const text = `121NNY${now}AOLIB|AAR1|ABB1|AJ${title}|AH2026-12-22|`
      link.answer(text, { ay: '2', ...(damaged-- > 0 ? { az: '1234' } : {}) })
      return true
    })
    const { ils, acs } = await start(script)
    expect(await ils.checkout(checkout)).toMatchObject({ ok: true, value: { title, dueText: '2026-12-22' } })
    expect(acs.lines.slice(2).map(heard => heard.line)).toEqual([
      expect.stringMatching(/^11/),
      '97AZFEF5',
      '97AZFEF5',
    ])
  })

  it('is not asked for again where 97 is not served', async () => {
    const script = but((heard, link) => {
      if (heard.command === '99') link.answer(status98().replace('BXYYYYYY', 'BXYYYYYN'))
      if (heard.command === '17') link.answer(item18('B1'), { az: '0000' })
      return ['99', '17'].includes(heard.command)
    })
    const { ils, acs } = await start(script)
    expect(await ils.item('B1')).toMatchObject({ ok: false, problem: { kind: 'garbled' } })
    expect(acs.lines.map(({ command }) => command)).not.toContain('97')
  })

  it('97 may be answered with AY0, as Perl servers do', async () => {
    const script = but((heard, link) => {
      if (heard.command === '17') link.answer(item18('B1'), { az: '0000' })
      else if (heard.command === '97') link.answer(item18('B1'), { ay: '0' })
      else return false
      return true
    })
    const { ils } = await start(script)
    expect(await ils.item('B1')).toMatchObject({ ok: true, value: { title } })
  })

  it('a strict profile wants the sum over the bytes; a lenient one takes the other two as well', async () => {
    const script = but((heard, link) => {
      if (heard.command !== '17' && heard.command !== '97') return false
      const units = [...`${item18('B1')}AY2AZ`].reduce((sum, char) => sum + char.charCodeAt(0), 0)
      link.answer(item18('B1'), {
        ay: '2',
        az: (-units & 0xffff).toString(16).toUpperCase().padStart(4, '0'),
      })
      return true
    })
    const lenient = await start(script)
    expect(await lenient.ils.item('B1')).toMatchObject({ ok: true })
    await lenient.end()
    const strict = await start(script, { profile: { verifyChecksum: 'strict' } })
    expect(await strict.ils.item('B1')).toMatchObject({
      ok: false,
      problem: { kind: 'garbled', code: 'ils-garbled' },
    })
    await strict.end()
    const off = await start(
      but((heard, link) => {
        if (heard.command !== '17') return false
        link.answer(item18('B1'), { az: '0000' })
        return true
      }),
      { profile: { verifyChecksum: 'off' } },
    )
    expect(await off.ils.item('B1')).toMatchObject({ ok: true })
  })

  it('96 is answered with the original again, byte by byte', async () => {
    let times = 2
    const script = but((heard, link) => {
      if (heard.command !== '11' || times-- <= 0) return false
      link.raw('96AZFEF6\r\n')
      return true
    })
    const { ils, acs } = await start(script)
    expect(await ils.checkout(checkout)).toMatchObject({ ok: true })
    const tries = acs.lines.filter(heard => heard.command === '11').map(heard => heard.line)
    expect(tries).toHaveLength(3)
    expect(new Set(tries).size).toBe(1)
  })

  it('96 to every try means that nothing was done', async () => {
    const script = but((heard, link) => {
      if (heard.command !== '11') return false
      link.raw('96\r')
      return true
    })
    const { ils, acs } = await start(script, { profile: { retries: 2 } })
    const answer = await ils.checkout(checkout)
    expect(answer).toMatchObject({ ok: false, problem: { kind: 'garbled' } })
    expect(answer.ok || answer.problem.maybeDone).toBeUndefined()
    expect(acs.lines.filter(heard => heard.command === '11')).toHaveLength(3)
    expect(acs.lines.some(heard => heard.command === '63')).toBe(false)
  })

  it('96 in answer to 97 is the end of it', async () => {
    const script = but((heard, link) => {
      if (heard.command === '17') link.answer(item18('B1'), { az: '0000' })
      else if (heard.command === '97') link.raw('96AZFEF6\r')
      else return false
      return true
    })
    const { ils, acs } = await start(script)
    expect(await ils.item('B1')).toMatchObject({ ok: false, problem: { kind: 'garbled' } })
    expect(acs.lines.filter(heard => heard.command === '97')).toHaveLength(1)
  })

  it('a sentence that is no message is asked for again, then told as garbled', async () => {
    const script = but((heard, link) => {
      if (heard.command !== '17' && heard.command !== '97') return false
      link.raw('Problems handling the request\r')
      return true
    })
    const { ils } = await start(script, { profile: { retries: 1 } })
    expect(await ils.item('B1')).toMatchObject({ ok: false, problem: { kind: 'garbled', retry: 'later' } })
  })

  it('an answer without end is cut off, not kept', async () => {
    const script = but((heard, link) => {
      if (heard.command !== '17' && heard.command !== '97') return false
      link.raw('18'.padEnd(70_000, 'x'))
      return true
    })
    const { ils } = await start(script, { profile: { retries: 0 } })
    expect(await ils.item('B1')).toMatchObject({ ok: false, problem: { kind: 'garbled' } })
  })
})

describe('98 in place of an answer', () => {
  it('counts as the new status, and the request is made again with a new number', async () => {
    let once = true
    const script = but((heard, link) => {
      if (heard.command !== '11' || !once) return false
      once = false
      link.answer(status98().replace('AOLIB', 'AONEW'))
      return true
    })
    const { ils, acs } = await start(script)
    expect(await ils.checkout(checkout)).toMatchObject({ ok: true })
    expect(acs.lines.filter(heard => heard.command === '11').map(heard => heard.ay)).toEqual(['2', '3'])
    await ils.item('B1')
    expect(acs.lines.at(-1)?.value('AO')).toBe('NEW')
  })

  it('that says off-line ends the request, which has not been carried out', async () => {
    const script = but((heard, link) => {
      if (heard.command !== '11') return false
      link.answer(status98('', 'N'))
      return true
    })
    const { ils } = await start(script)
    const answer = await ils.checkout(checkout)
    expect(answer).toMatchObject({
      ok: false,
      problem: { kind: 'unreachable', code: 'ils-offline', retry: 'later' },
    })
    expect(answer.ok || answer.problem.maybeDone).toBeUndefined()
  })

  it('after a damaged answer does not make the request anew: it may have been carried out', async () => {
    const script = but((heard, link) => {
      if (heard.command === '11') link.answer(`121NNY${now}AOLIB|AAR1|ABB1|AJx|AH|`, { az: '0001' })
      else if (heard.command === '97') link.answer(status98(), { ay: '2' })
      else return false
      return true
    })
    const { ils, acs } = await start(script)
    expect(await ils.checkout(checkout)).toMatchObject({ ok: false, problem: { maybeDone: true } })
    expect(acs.lines.filter(heard => heard.command === '11')).toHaveLength(1)
  })

  it('again and again is not believed for ever', async () => {
    const script = but((heard, link) => {
      if (heard.command !== '17') return false
      link.answer(status98())
      return true
    })
    const { ils, acs } = await start(script)
    expect(await ils.item('B1')).toMatchObject({ ok: false, problem: { code: 'ils-offline' } })
    expect(acs.lines.filter(heard => heard.command === '17')).toHaveLength(4)
  })
})

describe('a connection that breaks', () => {
  it('in the middle of an answer: a read is made once more on a new one', async () => {
    let once = true
    const script = but((heard, link) => {
      if (heard.command !== '17' || !once) return false
      once = false
      link.raw('1803000120261122    0930')
      setImmediate(() => link.reset())
      return true
    })
    const { ils, acs } = await start(script)
    expect(await ils.item('B1')).toMatchObject({ ok: true, value: { title } })
    expect(acs.lines.filter(heard => heard.command === '17').map(heard => heard.connection)).toEqual([1, 2])
  })

  it('right after a whole answer without its line end: the checksum proves it', async () => {
    const script = but((heard, link) => {
      if (heard.command !== '11') return false
      link.answer(`121NNY${now}AOLIB|AAR1|ABB1|AJ${title}|AH2026-12-22|`, { end: '' })
      link.end()
      return true
    })
    const { ils, acs } = await start(script)
    expect(await ils.checkout(checkout)).toMatchObject({ ok: true, value: { dueText: '2026-12-22' } })
    expect(acs.lines.some(heard => heard.command === '63')).toBe(false)
  })

  it('after an answer that was cut: it is not believed', async () => {
    const script = but((heard, link) => {
      if (heard.command !== '11') return false
      link.raw(`121NNY${now}AOLIB|AAR1|ABB1|AJ${title}|AH2026-12-2`)
      link.end()
      return true
    })
    const { ils } = await start(script)
    expect(await ils.checkout(checkout)).toMatchObject({
      ok: false,
      problem: { code: 'ils-connection-lost', maybeDone: true },
    })
  })

  it('while idle is noticed before it is used', async () => {
    const { ils, acs } = await start(friendly)
    await ils.item('B1')
    acs.cut()
    await acs.openIs(0)
    expect(await ils.item('B2')).toMatchObject({ ok: true })
  })
})

describe('what a transcript shows', () => {
  it('holds no password, PIN, card or name, also where the library system repeats them', async () => {
    const script = but((heard, link) => {
      if (heard.command !== '63') return false
      link.answer(
        `64${' '.repeat(14)}019${now}${'0'.repeat(24)}AOLIB|AA${heard.value('AA')}|AE李小明|BLY|CQY|BD十全街1号|BEli@example.cn|BF13812345678|PB19900101|ZZsecret|AF李小明您好，证号33050219900101，密码9876|`,
      )
      return true
    })
    const { ils, transcript, warnings } = await start(script, { terminalPassword: 'TERMPW' })
    expect(await ils.patron({ card: '33050219900101', pin: '9876' })).toMatchObject({
      ok: true,
      value: { pinValid: true },
    })
    const shown = transcript() + warnings.join()
    for (const secret of [
      'hunter2',
      'TERMPW',
      '9876',
      '33050219900101',
      '李小明',
      '十全街',
      'li@example',
      '13812345678',
      '19900101',
      'secret',
    ])
      expect(shown).not.toContain(secret)
    expect(shown).toContain('AE李**|')
    expect(shown).toContain('AA********0101|')
    expect(shown).toContain('CO***|')
  })
})
