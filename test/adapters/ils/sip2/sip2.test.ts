import { afterEach, describe, expect, it } from 'vitest'
import type { IlsPatron } from '../../../../src/adapters/ils/ils.ts'
import { dialects, profileOf, profileSchema } from '../../../../src/adapters/ils/sip2/dialects.ts'
import type { Sip2SettingsInput } from '../../../../src/adapters/ils/sip2/settings.ts'
import { createSip2Ils } from '../../../../src/adapters/ils/sip2/sip2.ts'
import { ManualClock } from '../../../../src/kernel/clock.ts'
import { seededRandom } from '../../../../src/kernel/ids.ts'
import { ProblemError } from '../../../../src/kernel/problem.ts'
import {
  type AcsOptions,
  but,
  friendly,
  type Heard,
  item18,
  now,
  patron64,
  type Script,
  summed,
} from './acs.ts'
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

const at = Date.parse('2026-11-22T01:30:00Z')
const blank = ' '.repeat(18)
const zeros = '0'.repeat(24)

/** Answers one kind of request with a text, everything else as a friendly library does. */
const answering = (command: string, text: string | ((heard: Heard) => string)): Script =>
  but((heard, link) => {
    if (heard.command !== command) return false
    link.answer(typeof text === 'string' ? text : text(heard))
    return true
  })

const sent = (r: Rig): string => r.acs.lines.at(-1)!.line.replace(/AY\dAZ.{4}$/, '')

describe('a patron', () => {
  const ask = async (
    text: string,
    pin?: string,
    settings: Partial<Sip2SettingsInput> = {},
  ): Promise<IlsPatron> => {
    const { ils } = await start(answering('63', text), settings)
    const answer = await ils.patron({ card: 'R1', ...(pin === undefined ? {} : { pin }) })
    if (!answer.ok) throw new ProblemError(answer.problem)
    return answer.value
  }

  it('is read with blocks, counts, limits, debts and messages', async () => {
    const text = `64Y  Y      Y   019${now}000100020003000400050006AOLIB|AAR1|AE李小明 |BZ0005|CA10|CB0010|BLY|BHCNY|BV12.50|BEli@example.cn|BF13812345678|AQ总馆|AF有\u0007逾期图书|AF |AFok|`
    expect(await ask(text)).toEqual({
      card: 'R1',
      name: '李小明',
      valid: true,
      pinValid: null,
      blocks: ['charge-denied', 'hold-denied', 'excessive-fines'],
      counts: { holds: 1, overdue: 2, charged: 3, unavailableHolds: 6 },
      limits: { holds: 5, overdue: 10, charged: 10 },
      owed: 1250,
      items: [],
      itemsAre: 'barcode',
      email: 'li@example.cn',
      phone: '13812345678',
      homeLibrary: '总馆',
      messages: ['有 逾期图书', 'ok'],
    })
  })

  it.each([
    ['BLY|CQY|', '1234', true],
    ['BLY|CQN|', '1234', false],
    ['BLN|CQY|', '1234', false],
    ['CQY|', '1234', false],
    ['BLY|', '1234', null],
    ['BLY|CQY|', undefined, null],
    ['BLY|CQY|', '', null],
    ['BLY|CQ|', '1234', null],
  ])('counts as proven only with BL=Y, CQ=Y and a PIN that was sent: %s %s', async (flags, pin, pinValid) => {
    const patron = await ask(`64${' '.repeat(14)}019${now}${zeros}AOLIB|AAR1|AEx|${flags}`, pin)
    expect(patron.pinValid).toBe(pinValid)
    const request = sent(current!)
    expect(request.includes('|AD')).toBe(pin !== undefined && pin !== '')
  })

  it('proves nothing where the library system does not look at the PIN', async () => {
    const patron = await ask(patron64('R1', zeros, 'CQY|'), '1234', { dialect: 'carlx' })
    expect(patron.pinValid).toBeNull()
  })

  it('unknown to the library is an answer, not an error', async () => {
    const patron = await ask(`64YYYY          019${now}${' '.repeat(24)}AOLIB|AAR1|AE|BLN|AF无此读者|`)
    expect(patron).toMatchObject({ valid: false, name: '', counts: {}, messages: ['无此读者'] })
  })

  it.each([
    [{}, 5],
    [{ profile: { holdCountMeaning: 'all' as const } }, 3],
  ])('has holds counted as the library counts them: %j', async (settings, holds) => {
    const patron = await ask(patron64('R1', '000500000000000000000002'), undefined, settings)
    expect(patron.counts).toMatchObject({ holds, unavailableHolds: 2 })
  })

  it.each([
    ['BV-3.50|', { dialect: 'dp2' }, 350],
    ['BV3.50|', { dialect: 'dp2' }, 0],
    ['BV1,25|', {}, 125],
    ['BV0|', {}, 0],
    ['', {}, 0],
    ['BVmany|', {}, 0],
  ])('owes what BV says: %s %j', async (field, settings, owed) => {
    const { owed: told } = await ask(patron64('R1', zeros, field), undefined, settings)
    expect(told).toBe(owed)
    expect(current!.warnings.some(text => text.includes('BV is no amount'))).toBe(field === 'BVmany|')
  })

  it('hears no empty phrases', async () => {
    const patron = await ask(patron64('R1', zeros, 'AFPatron status is ok.|AFoverdue|'), undefined, {
      dialect: 'polaris',
    })
    expect(patron.messages).toEqual(['overdue'])
  })

  it('is asked by 23 where 63 is not served', async () => {
    const { ils } = await start(answering('23', `24Y             019${now}AOLIB|AAR1|AE李小明|BLY|CQY|`), {
      profile: { notServed: ['63'] },
    })
    expect(await ils.patron({ card: 'R1', pin: '1' })).toMatchObject({
      ok: true,
      value: { valid: true, pinValid: true, blocks: ['charge-denied'], counts: {} },
    })
    expect(sent(current!)).toBe(`23019${now}AOLIB|AAR1|AC|AD1|`)
  })

  it('session is ended after the PIN was checked, where that is wanted', async () => {
    const { ils, acs } = await start(answering('63', patron64('R1', zeros, 'CQY|')), {
      profile: { sendEndSession: true },
    })
    await ils.patron({ card: 'R1', pin: '1' })
    expect(acs.lines.map(heard => heard.command)).toEqual(['93', '99', '63', '35'])
  })

  it('with a card that holds a delimiter is refused before anything is sent', async () => {
    const { ils, acs } = await start(friendly)
    await ils.item('B')
    expect(await ils.patron({ card: 'R1|ADx', pin: '1' })).toMatchObject({
      ok: false,
      problem: { kind: 'refused', code: 'sip2-unsafe-value' },
    })
    expect(await ils.patron({ card: 'R1', pin: '1\r17' })).toMatchObject({
      ok: false,
      problem: { kind: 'refused' },
    })
    expect(acs.lines.map(heard => heard.command)).toEqual(['93', '99', '17'])
    expect(ils.health().state).toBe('up')
  })
})

describe('a list of items', () => {
  const loans = Array.from({ length: 45 }, (_, i) => `B${i + 1}`)
  const pages = (reply: (from: number, to: number) => readonly string[], total = '0045'): Script =>
    answering('63', heard => {
      const items = reply(Number(heard.value('BP')), Number(heard.value('BQ')))
      return patron64(
        heard.value('AA'),
        `00000000${total}000000000000`,
        items.map(item => `AU${item}|`).join(''),
      )
    })
  const list = async (
    script: Script,
    settings: Partial<Sip2SettingsInput> = {},
  ): Promise<readonly string[]> => {
    const { ils } = await start(script, settings)
    const answer = await ils.patron({ card: 'R1', list: 'charged' })
    if (!answer.ok) throw new ProblemError(answer.problem)
    return answer.value.items
  }
  const asked = (): string[] =>
    current!.acs.lines
      .filter(heard => heard.command === '63')
      .map(heard => `${heard.value('BP')}-${heard.value('BQ')}`)

  it('is fetched in pages until the count is reached', async () => {
    expect(await list(pages((from, to) => loans.slice(from - 1, to)))).toEqual(loans)
    expect(asked()).toEqual(['1-20', '21-40', '41-60'])
    expect(current!.acs.lines.at(-1)!.line).toContain(`63019${now}  Y       AOLIB|`)
  })

  it('that comes whole whatever was asked is taken once', async () => {
    expect(await list(pages(() => loans))).toEqual(loans)
    expect(asked()).toEqual(['1-20'])
  })

  it('that repeats its first page is stopped', async () => {
    expect(await list(pages(() => loans.slice(0, 20)))).toEqual(loans.slice(0, 20))
    expect(asked()).toEqual(['1-20', '21-40'])
  })

  it('whose length is not told ends with an empty page', async () => {
    expect(await list(pages((from, to) => loans.slice(0, 40).slice(from - 1, to), '    '))).toEqual(
      loans.slice(0, 40),
    )
    expect(asked()).toEqual(['1-20', '21-40', '41-60'])
  })

  it('that never ends is given up', async () => {
    expect(
      await list(pages(from => Array.from({ length: 20 }, (_, i) => `X${from + i}`), '9999')),
    ).toHaveLength(2000)
  })

  it('is asked for without pages where the profile says so', async () => {
    expect(
      await list(
        pages(() => loans.slice(0, 3)),
        { profile: { pageSize: 0 } },
      ),
    ).toEqual(loans.slice(0, 3))
    expect(asked()).toEqual(['-'])
  })
})

describe('an item', () => {
  it.each([
    ['01', 'other'],
    ['03', 'available'],
    ['04', 'charged'],
    ['08', 'on-hold-shelf'],
    ['13', 'missing'],
    ['00', 'unknown'],
    ['14', 'unknown'],
    ['99', 'unknown'],
  ])('of status %s is %s', async (code, status) => {
    const { ils } = await start(answering('17', item18('B1', code)))
    expect(await ils.item('B1')).toMatchObject({ ok: true, value: { status } })
  })

  it('is read with its due date, queue and places', async () => {
    const { ils } = await start(
      answering('17', `18040001${now}CF2|AH2026-12-22|ABB1|AJ书|AQ总馆|AP分馆|CSG250|`),
    )
    expect(await ils.item('B1')).toEqual({
      ok: true,
      value: {
        barcode: 'B1',
        title: '书',
        status: 'charged',
        dueAt: Date.parse('2026-12-22T23:59:59+08:00'),
        holdQueue: 2,
        permanentLocation: '总馆',
        location: '分馆',
        callNumber: 'G250',
        messages: [],
      },
    })
  })

  it('unknown to the library is refused', async () => {
    const { ils } = await start(answering('17', `18010101${now}AB|AJ|AF没有这本书|`))
    expect(await ils.item('B1')).toMatchObject({
      ok: false,
      problem: { kind: 'refused', code: 'item-unknown', their: { text: '没有这本书' } },
    })
  })

  it('without a status is garbled', async () => {
    const { ils } = await start(answering('17', '18|ABB1|AJx|'))
    expect(await ils.item('B1')).toMatchObject({ ok: false, problem: { kind: 'garbled' } })
  })
})

describe('a loan', () => {
  it('is asked for so that the library never renews it instead, and read', async () => {
    const { ils } = await start(
      answering('11', `121NNY${now}AOLIB|AAR1|ABB1|AJ书|AH20261222    235900|BKT9|AF祝阅读愉快|`),
      { terminalPassword: 'TP' },
    )
    expect(await ils.checkout({ ...act, card: 'R1', barcode: 'B1', pin: '1', at })).toEqual({
      ok: true,
      value: {
        barcode: 'B1',
        title: '书',
        dueAt: Date.parse('2026-12-22T23:59:00+08:00'),
        dueText: '20261222    235900',
        wasRenewal: false,
        transaction: 'T9',
        messages: ['祝阅读愉快'],
      },
    })
    expect(sent(current!)).toBe(`11NN${now}${blank}AOLIB|AAR1|ABB1|ACTP|AD1|`)
  })

  it('whose due date cannot be read keeps its text', async () => {
    const { ils } = await start(answering('11', `121YNU${now}AOLIB|AAR1|ABB1|AJ书|AH22/12/2026|`))
    const answer = await ils.checkout({ ...act, card: 'R1', barcode: 'B1', at })
    expect(answer).toMatchObject({ ok: true, value: { dueText: '22/12/2026', wasRenewal: true } })
    expect(answer.ok && 'dueAt' in answer.value).toBe(false)
  })

  it('that has happened already says so, with its own times', async () => {
    const { ils } = await start(friendly)
    await ils.checkout({
      ...act,
      card: 'R1',
      barcode: 'B1',
      at: at - 3_600_000,
      noBlock: true,
      dueAt: Date.parse('2026-12-22T23:59:59+08:00'),
    })
    expect(sent(current!)).toBe('11NY20261122    08300020261222    235959AOLIB|AAR1|ABB1|AC|')
  })

  it('refused is an answer in the words of the library, without names', async () => {
    const { ils } = await start(
      answering('11', `120NUN${now}AOLIB|AA33050219900101|ABB1|AJ|AH|AF读者33050219900101有逾期图书|`),
    )
    const answer = await ils.checkout({ ...act, card: '33050219900101', barcode: 'B1', at })
    expect(answer).toMatchObject({
      ok: false,
      problem: {
        kind: 'refused',
        code: 'checkout-refused',
        retry: 'never',
        their: { text: '读者********0101有逾期图书' },
      },
    })
    expect(current!.acs.lines.filter(heard => heard.command === '11')).toHaveLength(1)
  })

  it('is written in the zone and with the empty fields the profile asks for', async () => {
    const { ils } = await start(friendly, { profile: { zone: '0000', emptyFields: ['CH', 'AD'] } })
    await ils.checkout({ ...act, card: 'R1', barcode: 'B1', at })
    expect(sent(current!)).toBe(`11NN202611220000093000${blank}AOLIB|AAR1|ABB1|AC|CH|AD|`)
  })
})

describe('the other acts', () => {
  it('a return counts from the moment of handing in, and tells where the item must go', async () => {
    const { ils } = await start(answering('09', `101YNY${now}AOLIB|ABB1|AQ总馆|AJ书|CV02|CT分馆|`), {
      location: 'DESK',
    })
    expect(
      await ils.checkin({ ...act, barcode: 'B1', returnedAt: at - 86_400_000, at, cancel: true }),
    ).toEqual({
      ok: true,
      value: {
        barcode: 'B1',
        title: '书',
        permanentLocation: '总馆',
        alert: true,
        alertType: 'hold-elsewhere',
        destination: '分馆',
        messages: [],
      },
    })
    expect(sent(current!)).toBe(`09N${now}20261121    093000APDESK|AOLIB|ABB1|AC|BIY|`)
  })

  it('a renewal', async () => {
    const { ils } = await start(friendly)
    expect(await ils.renew({ ...act, card: 'R1', barcode: 'B1', title: 'a|b', at })).toMatchObject({
      ok: true,
      value: { dueText: '2027-01-22' },
    })
    expect(sent(current!)).toBe(`29NN${now}${blank}AOLIB|AAR1|ABB1|AJa b|`)
  })

  it('a hold on a copy, on a title, and its end', async () => {
    const r = await start(friendly)
    expect(
      await r.ils.placeHold({
        ...act,
        card: 'R1',
        barcode: 'B1',
        at,
        pickupLocation: '分馆',
        expiresAt: at + 86_400_000,
      }),
    ).toMatchObject({
      ok: true,
      value: { available: false, queuePosition: 3 },
    })
    expect(sent(r)).toBe(`15+${now}BW20261123    093000|BS分馆|BY3|AOLIB|AAR1|ABB1|`)
    await r.ils.placeHold({ ...act, card: 'R1', title: '书', at })
    expect(sent(r)).toBe(`15+${now}BY2|AOLIB|AAR1|AJ书|`)
    expect(await r.ils.cancelHold({ ...act, card: 'R1', barcode: 'B1', at })).toEqual({
      ok: true,
      value: undefined,
    })
    expect(sent(r)).toBe(`15-${now}AOLIB|AAR1|ABB1|`)
  })

  it('a payment carries our key', async () => {
    const r = await start(friendly)
    expect(await r.ils.payFee({ ...act, card: 'R1', amount: 350, feeId: 'F1', at })).toEqual({
      ok: true,
      value: { transaction: 'T1' },
    })
    expect(sent(r)).toBe(`37${now}0102CNYBV3.50|AOLIB|AAR1|CGF1|BKorder-1|`)
  })

  it('blocking and enabling a card', async () => {
    const r = await start(friendly)
    expect(await r.ils.block({ ...act, card: 'R1', reason: '信用冻结' })).toEqual({
      ok: true,
      value: undefined,
    })
    expect(sent(r)).toBe(`01N${now}AOLIB|AL信用冻结|AAR1|AC|`)
    expect(await r.ils.enable({ ...act, card: 'R1' })).toEqual({ ok: true, value: undefined })
    expect(sent(r)).toBe(`25${now}AOLIB|AAR1|`)
  })

  it.each([
    [
      '09',
      `100NNN${now}AOLIB|ABB1|AQ|AF没有借出|`,
      'checkin-refused',
      (r: Rig) => r.ils.checkin({ ...act, barcode: 'B1', returnedAt: at, at }),
    ],
    [
      '29',
      `300NNN${now}AOLIB|AAR1|ABB1|AJ|AH|AF没有借出|`,
      'renewal-refused',
      (r: Rig) => r.ils.renew({ ...act, card: 'R1', barcode: 'B1', at }),
    ],
    [
      '15',
      `160N${now}AOLIB|AAR1|AF没有借出|`,
      'hold-refused',
      (r: Rig) => r.ils.placeHold({ ...act, card: 'R1', barcode: 'B1', at }),
    ],
    [
      '15',
      `160N${now}AOLIB|AAR1|AF没有借出|`,
      'hold-cancel-refused',
      (r: Rig) => r.ils.cancelHold({ ...act, card: 'R1', barcode: 'B1', at }),
    ],
    [
      '37',
      `38N${now}AOLIB|AAR1|AF没有借出|`,
      'fee-refused',
      (r: Rig) => r.ils.payFee({ ...act, card: 'R1', amount: 1, at }),
    ],
    [
      '01',
      `24              019${now}AOLIB|AAR1|AE|BLN|AF没有借出|`,
      'block-refused',
      (r: Rig) => r.ils.block({ ...act, card: 'R1', reason: 'x' }),
    ],
    [
      '25',
      `26Y             019${now}AOLIB|AAR1|AEx|BLY|AF没有借出|`,
      'enable-refused',
      (r: Rig) => r.ils.enable({ ...act, card: 'R1' }),
    ],
  ] as const)('refused (%s) is an answer: %#', async (command, text, code, doIt) => {
    const r = await start(answering(command, text))
    expect(await doIt(r)).toMatchObject({
      ok: false,
      problem: { kind: 'refused', code, their: { text: '没有借出' } },
    })
    expect(r.acs.lines).toHaveLength(3)
  })
})

describe('an act whose answer was lost', () => {
  /** What the library system would say after the act, by command; the act itself breaks the line. */
  const losing = (command: string, answers: Record<string, string> = {}): Script =>
    but((heard, link) => {
      if (heard.command === command) {
        link.reset()
        return true
      }
      const text = answers[heard.command]
      if (text === undefined) return false
      link.answer(text)
      return true
    })
  const loans = (items: readonly string[], count = items.length): string =>
    patron64(
      'R1',
      `00000000${String(count).padStart(4, '0')}000000000000`,
      items.map(item => `AU${item}|`).join(''),
    )
  const holds = (items: readonly string[]): string =>
    patron64(
      'R1',
      `${String(items.length).padStart(4, '0')}${'0'.repeat(20)}`,
      items.map(item => `AS${item}|`).join(''),
    )
  const owing = (amount: string, more = ''): string => patron64('R1', zeros, `BV${amount}|${more}`)

  const acts = {
    checkout: (r: Rig, repeated: boolean) =>
      r.ils.checkout({ key: 'k', repeated, card: 'R1', barcode: 'B1', at }),
    checkin: (r: Rig, repeated: boolean) =>
      r.ils.checkin({ key: 'k', repeated, barcode: 'B1', returnedAt: at, at }),
    renew: (r: Rig, repeated: boolean) =>
      r.ils.renew({
        key: 'k',
        repeated,
        card: 'R1',
        barcode: 'B1',
        at,
        dueBefore: Date.parse('2026-12-01T00:00:00Z'),
      }),
    placeHold: (r: Rig, repeated: boolean) =>
      r.ils.placeHold({ key: 'k', repeated, card: 'R1', barcode: 'B1', at }),
    cancelHold: (r: Rig, repeated: boolean) =>
      r.ils.cancelHold({ key: 'k', repeated, card: 'R1', barcode: 'B1', at }),
    payFee: (r: Rig, repeated: boolean) =>
      r.ils.payFee({ key: 'k', repeated, card: 'R1', amount: 350, owedBefore: 1000, feeId: 'F1', at }),
  }
  const commands = {
    checkout: '11',
    checkin: '09',
    renew: '29',
    placeHold: '15',
    cancelHold: '15',
    payFee: '37',
  }

  const done: [keyof typeof acts, Record<string, string>][] = [
    ['checkout', { '17': item18('B1', '04', 'AH2026-12-22|'), '63': loans(['B0', 'B1']) }],
    ['checkout', { '17': item18('B1', '08'), '63': loans(['B1:0.00']) }],
    ['checkin', { '17': item18('B1', '03', 'AQ总馆|') }],
    ['checkin', { '17': item18('B1', '08') }],
    ['renew', { '17': item18('B1', '04', 'AH2026-12-22|') }],
    ['placeHold', { '63': holds(['B1']) }],
    ['cancelHold', { '63': holds([]) }],
    ['payFee', { '63': owing('6.50') }],
  ]
  it.each(done)('%s: the library system says that it has happened: %j', async (name, answers) => {
    const r = await start(losing(commands[name], answers))
    const answer = await acts[name](r, false)
    expect(answer.ok).toBe(true)
    if (answer.ok && answer.value && name !== 'payFee')
      expect(answer.value).toMatchObject({ foundDone: true })
    expect(r.acs.lines.filter(heard => heard.command === commands[name])).toHaveLength(1)
    const after = r.acs.lines.filter(heard => heard.connection > 1).map(heard => heard.command)
    expect(after.slice(0, 2)).toEqual(['93', '99'])
    expect(after.length).toBeGreaterThan(2)
  })

  const undone: [keyof typeof acts, Record<string, string>][] = [
    ['checkout', { '17': item18('B1', '03'), '63': loans([]) }],
    ['checkout', { '17': item18('B1', '04'), '63': loans(['B7']) }],
    ['checkin', { '17': item18('B1', '04') }],
    ['renew', { '17': item18('B1', '04', 'AH2026-11-30|') }],
    ['placeHold', { '63': holds(['B2']) }],
    ['cancelHold', { '63': holds(['B1']) }],
    ['payFee', { '63': owing('10.00') }],
  ]
  it.each(undone)(
    '%s: that it has not is not yet certain, so it may be done, and is not done again: %j',
    async (name, answers) => {
      const r = await start(losing(commands[name], answers))
      expect(await acts[name](r, false)).toMatchObject({
        ok: false,
        problem: { kind: 'unreachable', retry: 'later', maybeDone: true },
      })
      expect(r.acs.lines.filter(heard => heard.command === commands[name])).toHaveLength(1)
    },
  )

  it.each(done)('%s comes again: asked first, found done, not sent: %j', async (name, answers) => {
    const r = await start(losing(commands[name], answers))
    expect((await acts[name](r, true)).ok).toBe(true)
    expect(r.acs.lines.filter(heard => heard.command === commands[name])).toHaveLength(0)
  })

  it.each(undone)('%s comes again: asked first, found not done, then sent: %j', async (name, answers) => {
    const script = but((heard, link) => {
      const text = answers[heard.command]
      if (text === undefined) return false
      link.answer(text)
      return true
    })
    const r = await start(script)
    expect((await acts[name](r, true)).ok).toBe(true)
    expect(r.acs.lines.filter(heard => heard.command === commands[name])).toHaveLength(1)
    expect(r.acs.lines.at(-1)?.command).toBe(commands[name])
  })

  const unclear: [keyof typeof acts, Record<string, string>][] = [
    ['checkout', { '17': item18('B1', '04'), '63': loans(['B7'], 3) }],
    ['checkout', { '17': item18('B1', '01'), '63': patron64('R1', ' '.repeat(24)) }],
    ['renew', { '17': item18('B1', '04') }],
    ['placeHold', { '63': patron64('R1', '0004'.padEnd(24, '0')) }],
    ['payFee', { '63': owing('7.77') }],
    ['payFee', { '63': patron64('R1') }],
  ]
  it.each(unclear)(
    '%s comes again and nothing can be told: a person must look: %j',
    async (name, answers) => {
      const r = await start(losing(commands[name], answers))
      expect(await acts[name](r, true)).toMatchObject({
        ok: false,
        problem: { kind: 'refused', code: 'ils-cannot-tell', maybeDone: true },
      })
      expect(r.acs.lines.filter(heard => heard.command === commands[name])).toHaveLength(0)
    },
  )

  it.each([
    ['cancelHold', { '63': patron64('R1', '0004'.padEnd(24, '0')) }],
    ['checkin', { '17': item18('B1', '01') }],
  ] as const)(
    '%s comes again and nothing can be told: it is done again, which does no harm',
    async (name, answers) => {
      const script = but((heard, link) => {
        const text = (answers as Record<string, string>)[heard.command]
        if (text === undefined) return false
        link.answer(text)
        return true
      })
      const r = await start(script)
      expect((await acts[name](r, true)).ok).toBe(true)
      expect(r.acs.lines.at(-1)?.command).toBe(commands[name])
    },
  )

  it.each(Object.keys(acts) as (keyof typeof acts)[])(
    '%s: when not even asking works it may have been done',
    async name => {
      const script: Script = (heard, link) => {
        if (heard.command === '93' || heard.command === '99') friendly(heard, link)
        else link.reset()
      }
      const first = await start(script)
      expect(await acts[name](first, false)).toMatchObject({
        ok: false,
        problem: { kind: 'unreachable', maybeDone: true },
      })
      await first.end()
      const again = await start(script)
      expect(await acts[name](again, true)).toMatchObject({
        ok: false,
        problem: { kind: 'unreachable', maybeDone: true },
      })
      expect(again.acs.lines.filter(heard => heard.command === commands[name])).toHaveLength(0)
    },
  )

  it('a fee is found by its own line where the lines have ids', async () => {
    const r = await start(losing('37', { '63': owing('6.50', 'AVF1:3.50|') }), {
      profile: { fineFormat: 'id-amount' },
    })
    expect(await acts.payFee(r, false)).toMatchObject({ ok: false, problem: { maybeDone: true } })
  })

  it('a loan is found by its title where lists give titles, but only of an item that is charged', async () => {
    const list = loans(['图书馆学基础 / 吴慰慈'])
    const found = await start(losing('11', { '17': item18('B1', '04'), '63': list }), {
      profile: { itemListContent: 'title' },
    })
    expect(await acts.checkout(found, false)).toMatchObject({ ok: true, value: { foundDone: true } })
    await found.end()
    const other = await start(losing('11', { '17': item18('B1', '03'), '63': list }), {
      profile: { itemListContent: 'title' },
    })
    expect(await acts.checkout(other, false)).toMatchObject({ ok: false, problem: { maybeDone: true } })
  })

  it('a repeated loan that is refused because the first one came through meanwhile is found done', async () => {
    let asked = 0
    const script = but((heard, link) => {
      if (heard.command === '17') link.answer(item18('B1', asked++ === 0 ? '03' : '04'))
      else if (heard.command === '63') link.answer(loans(asked > 1 ? ['B1'] : []))
      else if (heard.command === '11') link.answer(`120NUN${now}AOLIB|AAR1|ABB1|AJ|AH|AF已借出|`)
      else return false
      return true
    })
    const r = await start(script)
    expect(await acts.checkout(r, true)).toMatchObject({ ok: true, value: { foundDone: true } })
  })

  it('an answer that says neither yes nor no is looked into as well', async () => {
    const script = but((heard, link) => {
      if (heard.command === '11') link.answer(`12?NUN${now}AOLIB|AAR1|ABB1|AJ|AH|`)
      else if (heard.command === '17') link.answer(item18('B1', '04'))
      else if (heard.command === '63') link.answer(loans(['B1']))
      else return false
      return true
    })
    const r = await start(script)
    expect(await acts.checkout(r, false)).toMatchObject({ ok: true, value: { foundDone: true } })
  })
})

describe('settings', () => {
  const create = (settings: Record<string, unknown>) => (): unknown =>
    createSip2Ils({ name: 'x', host: 'h', port: 1, ...settings } as Sip2SettingsInput, {
      clock: new ManualClock(0),
      random: seededRandom('x'),
    })

  it.each([
    [{ port: 0 }, 'port'],
    [{ dialect: 'kohha' }, 'dialect'],
    [{ profile: { encodng: 'utf-8' } }, 'encodng'],
    [{ profile: { encoding: 'latin-9' } }, 'profile.encoding'],
    [{ profile: { timeZone: 'Mars/Base' } }, 'timeZone'],
    [{ closedHours: [{ from: '25:00', to: '01:00' }] }, 'closedHours'],
    [{ hots: 'x' }, 'hots'],
  ])('that are wrong stop the start and name the fault: %j', (settings, fault) => {
    expect(create(settings)).toThrow(ProblemError)
    expect(create(settings)).toThrow(fault)
  })

  it('of a library go before those of its dialect, which go before the defaults', () => {
    expect(profileOf('gb18030-plain')).toMatchObject({
      encoding: 'gb18030',
      sendChecksum: false,
      terminator: 'cr',
    })
    expect(profileOf('gb18030-plain', { sendChecksum: true })).toMatchObject({
      encoding: 'gb18030',
      sendChecksum: true,
    })
    expect(profileOf('nobody')).toBeUndefined()
    expect(profileOf('folio')).toEqual(profileOf('folio-edge'))
  })
})

describe.each(dialects.map(dialect => [dialect.name, dialect] as const))('the dialect %s', (_, dialect) => {
  it('turns only switches that exist, each with the place where the quirk was seen', () => {
    expect(profileSchema.safeParse(dialect.sets).success).toBe(true)
    expect(Object.keys(dialect.because).sort()).toEqual(Object.keys(dialect.sets).sort())
    for (const source of Object.values(dialect.because)) expect(source.length).toBeGreaterThan(10)
  })
})

it('the default dialect turns no switch', () => {
  expect(dialects.find(dialect => dialect.name === 'default')?.sets).toEqual({})
  expect(summed('97AZ')).toBe('97AZFEF5')
})
