import fc from 'fast-check'
import { afterEach, describe, expect, it } from 'vitest'
import { maskedWords } from '../../../../src/adapters/ils/sip2/masking.ts'
import { Names } from '../../../../src/adapters/ils/sip2/shared.ts'
import type { Problem } from '../../../../src/kernel/problem.ts'
import { but, now, patron64, type Script } from './acs.ts'
import { act, type Rig, rig } from './client.ts'

let open: Rig[] = []
afterEach(async () => {
  for (const each of open) await each.end()
  open = []
})
const start = async (...args: Parameters<typeof rig>): Promise<Rig> => {
  const r = await rig(...args)
  open.push(r)
  return r
}
const problemOf = (answer: { ok: boolean; problem?: Problem }): Problem => answer.problem!

describe('the words of a refusal', () => {
  const refusing = (words: string): Script =>
    but((heard, link) => {
      if (heard.command !== '11') return false
      link.answer(`120NNN${now}AOLIB|AA|ABB1|AJ|AH|AF${words}|`)
      return true
    })

  it('hold neither card nor PIN of the request, nor long numbers, nor the name met before', async () => {
    const words = '李小明（320501198001010011，PIN 87654321，电话13812345678）已停借，条码B1'
    const { ils } = await start(refusing(words))
    await ils.patron({ card: '320501198001010011' })
    const given = { ...act, card: '320501198001010011', pin: '87654321', barcode: 'B1', at: 0 }
    const { their } = problemOf(await ils.checkout(given))
    expect(their?.text).toBe('李**（********0011，PIN ***，电话*******5678）已停借，条码B1')
  })

  it('keep the number of the item, which staff need', async () => {
    const { ils } = await start(refusing('3205010000012345678 不外借'))
    const given = { ...act, card: 'R1', barcode: '3205010000012345678', at: 0 }
    const answer = await ils.checkout(given)
    expect(problemOf(answer).their?.text).toContain('3205010000012345678')
  })

  it('are cut when they do not end', async () => {
    const { ils } = await start(refusing('x'.repeat(2000)))
    const answer = await ils.checkout({ ...act, card: 'R1', barcode: 'B1', at: 0 })
    expect(problemOf(answer).their?.text).toHaveLength(500)
  })

  it('hold no password either when a log-in is refused', async () => {
    const script: Script = (_, link) => link.answer('940AFgateway/hunter2 is not known|')
    const { ils, transcript, warnings } = await start(script, { deadlineSeconds: { person: 1, work: 1 } })
    const answer = await ils.item('B1')
    expect(JSON.stringify(answer) + transcript() + warnings.join()).not.toContain('hunter2')
  })
})

describe('names in a sentence', () => {
  const exchange = [
    ['AA', 'R1'],
    ['AE', 'WANG, Li'],
  ] as const
  it.each([
    ['Li Wang may not borrow', 'L** W** may not borrow'],
    ['WANG, Li may not borrow', 'W** may not borrow'],
    ['the library of wang', 'the library of W**'],
    ['LIBRARY CLOSED', 'LIBRARY CLOSED'],
  ])('%s', (text, shown) => {
    expect(maskedWords(text, exchange)).toBe(shown)
  })

  it('are remembered of the readers met last, and no more of them', () => {
    const names = new Names()
    for (let i = 0; i < 600; i++)
      names.learn([
        ['AA', `R${i}`],
        ['AE', `读者${i}`],
      ])
    const known = Array.from({ length: 600 }, (_, i) => names.with([['AA', `R${i}`]]).length === 2)
    expect(known.filter(Boolean)).toHaveLength(500)
    expect(known.slice(100).every(Boolean)).toBe(true)
  })
})

it('no PIN, password or terminal password is ever shown, wherever the library system repeats them', async () => {
  const secret = fc.stringMatching(/^[QXZ#@!%]{6,14}$/)
  const mode = fc.constantFrom('friendly', 'refusing', 'wrong sum', 'noise', 'unknown', 'cut')
  await fc.assert(
    fc.asyncProperty(secret, secret, secret, mode, async (pin, password, terminal, how) => {
      const echo = `AF你好${pin}!${password}|AG${terminal}|AN${password}${pin}|ZZ${pin}|AE${pin}|`
      const script: Script = (heard, link) => {
        const body =
          heard.command === '93'
            ? `941${echo}`
            : heard.command === '99'
              ? `98YYYYYY003001${now}2.00AOLIB|BXYYYYYYYYYYYYYYYY|AF${password}${terminal}|`
              : heard.command === '63'
                ? patron64(heard.value('AA'), undefined, echo)
                : `120NNN${now}AOLIB|AA|ABB1|AJ${pin}|AH|${echo}`
        if (heard.command === '93' || heard.command === '99' || how === 'friendly') link.answer(body)
        else if (how === 'refusing') link.answer(body.replace('BLY', 'BLN'))
        else if (how === 'wrong sum') link.answer(body, { az: '0000' })
        else if (how === 'noise') link.raw(`${pin} ${password} ${terminal}\r`)
        else if (how === 'unknown') link.answer(`77${pin}${password}|${echo}`)
        else {
          link.raw(body.slice(0, -3))
          link.end()
        }
      }
      const r = await rig(script, {
        login: { user: 'gateway', password },
        terminalPassword: terminal,
        profile: { retries: 0, responseTimeoutSeconds: 1 },
        deadlineSeconds: { person: 2, work: 2 },
      })
      try {
        const asked = Promise.all([
          r.ils.patron({ card: 'R1', pin }),
          r.ils.checkout({ ...act, card: 'R1', pin, barcode: 'B1', at: 0 }),
        ])
        let done = false
        void asked.then(() => {
          done = true
        })
        for (let turn = 0; !done && turn < 2000; turn++) {
          await new Promise(resolve => setImmediate(resolve))
          if (turn % 20 === 19) await r.clock.advance(250)
        }
        const problems = (await asked).map(answer => (answer.ok ? '' : JSON.stringify(answer.problem)))
        const shown = [r.transcript(), ...r.warnings, ...problems].join('\n')
        expect(shown).toContain('9300CNgateway|CO***|')
        for (const hidden of [pin, password, terminal]) expect(shown).not.toContain(hidden)
      } finally {
        await r.end()
      }
    }),
    { numRuns: 60 },
  )
})
