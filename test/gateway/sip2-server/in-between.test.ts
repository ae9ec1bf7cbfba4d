import { connect } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { createLogins, hashKioskPassword } from '../../../src/gateway/sip2-server/logins.ts'
import { seededRandom } from '../../../src/kernel/ids.ts'
import { until } from '../../harness/until.ts'
import { aLine, anAccount, aReader, openSite, type Site, type SiteOptions } from './site.ts'

let site: Site
const open = async (options: SiteOptions = {}): Promise<Site> => {
  site = await openSite(options)
  return site
}
afterEach(() => site?.close())

const counts = () => site.sandbox.state.counts()
const loans = () => site.sandbox.state.snapshot().loans.filter(loan => !loan.barcode.startsWith('M'))
const away = async (): Promise<void> => {
  await site.sandbox.faults.close('refuse-connections')
  while (site.ils.health().state !== 'down') {
    void site.ils.item('B1001')
    await site.clock.advance(1000)
  }
}
const takesAll = anAccount({ offline: { checkouts: true, checkins: true, loanDays: 30 } })

describe('an answer that a machine never took in', () => {
  it('is not the answer to a later return, when the book was lent in between', async () => {
    await open()
    const first = await site.ready()
    await first.say('11', { AA: 'R0001', AB: 'B1001' })
    site.sandbox.faults.set({ on: '09', fault: { kind: 'delay', by: 2000 } })
    first.throw(first.write('09', { AB: 'B1001', AP: 'GSQ' }))
    await until(() => counts().checkin.done === 1)
    first.close()
    await site.clock.advance(3000)
    await until(() => site.server.stats().connections === 0)
    const second = await site.ready()
    expect((await second.say('11', { AA: 'R0001', AB: 'B1001' })).fixed.ok).toBe('1')
    expect((await second.say('09', { AB: 'B1001', AP: 'GSQ' })).fixed.ok).toBe('1')
    expect(counts().checkin.done).toBe(2)
    expect(loans()).toEqual([])
  })

  it('is its answer when it asks again on another line, though it had hung up politely', async () => {
    await open()
    const first = await site.ready()
    site.sandbox.faults.set({ on: '11', fault: { kind: 'delay', by: 2000 } })
    first.throw(first.write('11', { AA: 'R0001', AB: 'B1001' }))
    await until(() => counts().checkout.done === 1)
    first.close()
    await site.clock.advance(3000)
    await until(() => site.server.stats().connections === 0)
    const second = await site.ready()
    expect((await second.say('11', { AA: 'R0001', AB: 'B1001' })).fixed.renewalOk).toBe('N')
    expect(counts().checkout).toEqual({ done: 1, refused: 0, idle: 0 })
  })
})

describe('a machine whose clock has lost its date', () => {
  it('has stored what happened now, as far as anybody can tell', async () => {
    await open({ accounts: [takesAll] })
    const kiosk = await site.ready()
    const fixed = { noBlock: 'Y', date: '20000101    000000', returnDate: '20000101    000000' }
    expect((await kiosk.say('09', { AB: 'B1001', AP: 'GSQ' }, fixed)).fixed.ok).toBe('1')
    expect(site.world.happened.map(({ at }) => at)).toEqual([site.clock.now()])
    expect(site.server.stats().accounts[0]!.errors).toMatchObject({ 'clock-off': 1 })
  })
})

describe('a loan that is undone at the machine', () => {
  it('before the library system has heard of it is told and taken back', async () => {
    await open({ accounts: [takesAll] })
    const kiosk = await site.ready()
    await away()
    expect((await kiosk.say('11', { AA: 'R0001', AB: 'B1001' })).fixed.ok).toBe('1')
    site.world.waiting.add('B1001')
    expect((await kiosk.say('09', { AB: 'B1001', AP: 'GSQ', BI: 'Y' })).fixed.ok).toBe('1')
    expect(site.world.happened.map(({ act }) => act)).toEqual(['checkout', 'checkin'])
  })

  it('is not noted as a return where no loan of it waits', async () => {
    await open({ accounts: [takesAll] })
    const kiosk = await site.ready()
    await away()
    expect((await kiosk.say('09', { AB: 'B1001', AP: 'GSQ', BI: 'Y' })).fixed.ok).toBe('0')
    expect(site.world.happened).toEqual([])
  })
})

describe('a return', () => {
  it('of a neighbour’s book does not overtake what its own library has yet to be told', async () => {
    await open()
    site.world.elsewhere.set('B2001', 'wj')
    site.world.waiting.add('B2001')
    const kiosk = await site.ready()
    expect((await kiosk.say('09', { AB: 'B2001', AP: 'GSQ' })).fixed.ok).toBe('1')
    expect(site.world.happened).toMatchObject([{ libraryId: 'wj', act: 'checkin', barcode: 'B2001' }])
    expect(counts().checkin.done + counts().checkin.idle).toBe(0)
  })

  it('that a machine has stored since before the book was found for a reader is not that reader’s', async () => {
    await open({ accounts: [takesAll] })
    aReader(site.world, 'R0001')
    const foundAt = Temporal.Instant.from('2026-10-14T12:00:00+08:00').epochMilliseconds
    site.world.lines.push(aLine({ barcode: 'B1001', status: 'on_loan', charged: true, foundAt }))
    const kiosk = await site.ready()
    const fixed = (hour: string) => ({
      noBlock: 'Y',
      date: `20261014    ${hour}`,
      returnDate: `20261014    ${hour}`,
    })
    expect((await kiosk.say('09', { AB: 'B1001', AP: 'GSQ' }, fixed('090000'))).fixed.ok).toBe('1')
    expect(site.world.told).toEqual([])
    expect(site.world.happened).toMatchObject([{ act: 'checkin', barcode: 'B1001' }])
    expect((await kiosk.say('09', { AB: 'B1001', AP: 'GSQ' }, fixed('180000'))).fixed.ok).toBe('1')
    expect(site.world.told.map(({ what }) => what)).toEqual(['received'])
  })

  it('of a book that was once to be sent on is noted while the library system is away', async () => {
    await open()
    aReader(site.world, 'R0001')
    site.world.lines.push(aLine({ barcode: 'B1001', status: 'discharged', deskId: null, branchId: 'pjl' }))
    const kiosk = await site.ready()
    await away()
    expect((await kiosk.say('09', { AB: 'B1001', AP: 'GSQ' })).fixed.ok).toBe('1')
    expect(site.world.happened).toMatchObject([{ act: 'checkin', barcode: 'B1001' }])
  })

  it('that the library system refuses after the machine was told yes is left to staff', async () => {
    await open({ limits: { answerTime: 6000 } })
    const kiosk = await site.ready()
    site.sandbox.faults.set({ on: '09', fault: { kind: 'delay', by: 5500 } })
    const asked = kiosk.say('09', { AB: 'B9999', AP: 'GSQ' })
    await until(() => counts().checkin.refused === 1)
    await site.clock.advance(5000)
    expect((await asked).fixed.ok).toBe('1')
    await site.clock.advance(20_000)
    expect(site.world.happened).toMatchObject([{ act: 'checkin', barcode: 'B9999' }])
  })
})

describe('a library system that never tells BL', () => {
  it('is passed on as it speaks, for readers of ours too', async () => {
    await open({
      ils: ({ ils }) =>
        new Proxy(ils, {
          get: (target, name) => {
            const value: unknown = Reflect.get(target, name, target)
            if (name !== 'relay') return typeof value === 'function' ? value.bind(target) : value
            return async (...asked: Parameters<typeof ils.relay>) => {
              const answer = await ils.relay(...asked)
              if (!answer.ok) return answer
              const fields = answer.value.fields.filter(([id]) => id !== 'BL')
              return { ...answer, value: { ...answer.value, fields } }
            }
          },
        }),
    })
    aReader(site.world, 'R0001', { name: () => 'from memory' })
    const kiosk = await site.ready()
    const heard = await kiosk.say('63', { AA: 'R0001' })
    expect(heard.get('AE')).not.toBe('from memory')
    expect(heard.get('AF')).not.toContain('连不上')
  })
})

describe('PINs typed to fetch a book', () => {
  it('count as tries, and open nothing while the card is locked', async () => {
    await open()
    aReader(site.world, 'R0001')
    site.world.lines.push(aLine({ barcode: 'B1001', charged: true }))
    const kiosk = await site.ready()
    expect((await kiosk.say('11', { AA: 'R0001', AB: 'B1001', AD: '9999' })).fixed.ok).toBe('0')
    expect(site.world.pins).toMatchObject({ wrong: 1, right: 0 })
    site.world.pins.locked = true
    const locked = await kiosk.say('11', { AA: 'R0001', AB: 'B1001', AD: '1234' })
    expect([locked.fixed.ok, site.world.told]).toEqual(['0', []])
    site.world.pins.locked = false
    expect((await kiosk.say('11', { AA: 'R0001', AB: 'B1001', AD: '1234' })).fixed.ok).toBe('1')
    expect(site.world.pins).toMatchObject({ wrong: 1, right: 1 })
  })
})

describe('log-ins', () => {
  it('are worked on as long for a wrong password, a user nobody knows and one from elsewhere', async () => {
    const hash = await hashKioskPassword('right', seededRandom('salt'))
    const logins = createLogins([
      anAccount({ id: 'plain', user: 'plain', password: 'right' }),
      anAccount({ id: 'hashed', user: 'hashed', password: hash, addresses: ['10.0.0.0/8'] }),
    ])
    expect((await logins.check('hashed', 'right', '10.1.1.1'))?.id).toBe('hashed')
    /** Whether it was answered without the work that a password costs. */
    const quick = async (user: string, password: string): Promise<boolean> => {
      let answered = false
      void logins.check(user, password, '192.0.2.1').then(() => {
        answered = true
      })
      for (let i = 0; i < 20; i++) await Promise.resolve()
      return answered
    }
    expect(await quick('plain', 'right')).toBe(true)
    expect(await quick('plain', 'wrong')).toBe(false)
    expect(await quick('nobody', 'wrong')).toBe(false)
    expect(await quick('hashed', 'right')).toBe(false)
    expect(await logins.check('hashed', 'right', '192.0.2.1')).toBeUndefined()
  })

  it('that fail three times end the line for good, though the machine never hangs up', async () => {
    await open()
    const kiosk = await site.kiosk()
    const line = (password: string) => kiosk.write('93', { CN: 'hall', CO: password })
    const socket = connect({ host: '127.0.0.1', port: site.port, allowHalfOpen: true }).resume()
    let answers = ''
    socket.on('data', chunk => {
      answers += chunk
    })
    for (const word of ['open sesame', 'a', 'b', 'c']) {
      const before = answers.length
      socket.write(line(word))
      await until(() => answers.length > before)
    }
    kiosk.close()
    await new Promise(resolve => socket.once('end', resolve))
    await site.clock.advance(30_000)
    await until(() => site.server.stats().connections === 0)
    socket.destroy()
  })
})
