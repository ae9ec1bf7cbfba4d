import { describe, expect, it } from 'vitest'
import { ManualClock } from '../../../src/kernel/clock.ts'
import { noTranscript } from '../../../src/kernel/transcript.ts'
import type { CabinetEvent } from '../../../src/lockers/locker.ts'
import { vendorCloud } from '../../../src/lockers/vendors/vendor-cloud.ts'
import { type LockerRig, lockerContract } from '../../contracts/locker.ts'
import { bearer, type CloudVariant, cabinets, cloudRigs, hookSecret, sudiyi, turn } from './cloud-rig.ts'

const cloudRig = cloudRigs()

const contractRig = (variant: CloudVariant) => async (): Promise<LockerRig> => {
  const { far, driver, during, pass, listen } = await cloudRig(variant)
  listen()
  const idOf = (board: number) => cabinets.find(one => one.board === board)!.id
  const at = ({ board, channel }: { board: number; channel: number }) => far.door(idOf(board), channel)
  return {
    driver,
    boards: cabinets,
    isOpen: door => at(door).isOpen(),
    hand: {
      close: door => at(door).close(),
      force: door => at(door).force(),
      jam: (door, jammed) => {
        at(door).jammed = jammed
      },
    },
    faults: {
      silence: (board, silent) => {
        if (silent) far.silent.add(idOf(board))
        else far.silent.delete(idOf(board))
      },
      loseQuestion: () => far.faults.order('open', { kind: 'cut-before' }),
      loseAnswer: () => far.faults.order('open', { kind: 'cut-after' }),
      powerCut: async () => {
        far.power(false)
        await pass(2000)
        far.power(true)
      },
    },
    pulses: ({ board, channel }) => far.opened.filter(one => one === `${idOf(board)}/${channel}`).length,
    during,
    close: async () => {},
  }
}

for (const answers of ['at-once', 'later'] as const)
  for (const pushes of [true, false])
    for (const signing of [bearer, sudiyi])
      lockerContract(
        `a vendor cloud (${signing.how}) that answers ${answers}, ${pushes ? 'with' : 'without'} pushes`,
        contractRig({ answers, pushes, signing }),
      )

const door = { board: 1, channel: 5 }
const kinds = (events: readonly CabinetEvent[]) =>
  events.map(({ what, seq }) => `${seq} ${what.kind}${'channel' in what ? ` ${what.channel}` : ''}`)

describe('a vendor cloud that is asked to open', () => {
  it('opens once, though the answer to the opening is lost', async () => {
    const { far, driver, during } = await cloudRig({ answers: 'later' })
    far.faults.order('open', { kind: 'cut-after' })
    expect(await during(driver.open(door))).toEqual({ ok: true, value: { opened: true } })
    expect(far.opened).toEqual(['gusu-01/5'])
  })

  it('has done nothing when it says that it cannot reach the cabinet', async () => {
    const { far, driver, during } = await cloudRig()
    far.offline.add('gusu-01')
    const answer = await during(driver.open(door))
    expect(answer).toMatchObject({ ok: false, problem: { code: 'locker-cabinet-offline', retry: 'later' } })
    expect(answer.ok || answer.problem.maybeDone).toBeUndefined()
    expect(await during(driver.read(1))).toMatchObject({
      ok: false,
      problem: { code: 'locker-cabinet-offline' },
    })
    expect(driver.health(1).online).toBe(false)
    expect((await during(driver.read(4))).ok).toBe(true)
    expect(driver.health(4).online).toBe(true)
  })

  it.each([
    [401, 'misconfigured', 'locker-cloud-key'],
    [404, 'misconfigured', 'locker-cloud-unknown'],
    [412, 'misconfigured', 'locker-cloud-header'],
    [420, 'unreachable', 'locker-cloud-busy'],
    [422, 'misconfigured', 'locker-cloud-refused'],
  ] as const)('is understood when it refuses with %i, and nothing has moved', async (status, kind, code) => {
    const { far, driver, during } = await cloudRig()
    far.faults.order('open', { kind: 'status', status })
    const answer = await during(driver.open(door))
    expect(answer).toMatchObject({ ok: false, problem: { kind, code } })
    expect(answer.ok || answer.problem.maybeDone).toBeUndefined()
    expect(far.opened).toEqual([])
  })

  it('is looked at after an answer that makes no sense', async () => {
    const { far, driver, during } = await cloudRig()
    far.faults.order('open', { kind: 'garbage' })
    expect(await during(driver.open(door))).toEqual({ ok: true, value: { opened: true } })
    far.faults.order('read', { kind: 'garbage' })
    expect(await during(driver.read(1))).toMatchObject({ ok: false, problem: { kind: 'garbled' } })
  })

  it('tells by a push of a reader who was quicker than the looks', async () => {
    const { far, driver, during, listen } = await cloudRig({ answers: 'later' })
    listen()
    const opening = driver.open(door)
    await during(
      (async () => {
        while (!far.door('gusu-01', 5).isOpen()) await turn()
        far.door('gusu-01', 5).close()
      })(),
    )
    expect(await during(opening)).toEqual({ ok: true, value: { opened: true } })
  })

  it('leaves no key and no signature in the transcript', async () => {
    for (const signing of [bearer, sudiyi]) {
      const { driver, during, transcript } = await cloudRig({ signing })
      await during(driver.open(door))
      const text = transcript
        .lines()
        .map(line => line.text)
        .join('\n')
      expect(text).toContain('open 1/5')
      expect(text).not.toMatch(/SDY|Bearer|key-of-the-library/)
    }
  })

  it.each([
    ['hex16', 'raw'],
    ['hex32', 'raw'],
    ['raw', 'hex32'],
  ] as const)(
    'that wants the digest as %s is found out by who wrote it as %s, and remembered',
    async (theirs, md5) => {
      const { far, driver, during } = await cloudRig({ signing: { ...sudiyi, md5: theirs }, md5 })
      expect((await during(driver.read(1))).ok).toBe(true)
      const tried = far.calls.length
      expect(await during(driver.open(door))).toEqual({ ok: true, value: { opened: true } })
      expect(far.opened).toHaveLength(1)
      expect(far.calls.slice(tried)).toEqual(['POST /v1/cabinets/gusu-01/compartments/5/open'])
    },
  )
})

describe('what a vendor cloud pushes', () => {
  it('is told in order, once, with its own times, however late and often it comes', async () => {
    const { far, clock, hook, heard, listen } = await cloudRig({ pushes: false })
    listen()
    const began = clock.now()
    await far.happen('gusu-01', 'door.opened', 3)
    await clock.advance(4000)
    await far.happen('gusu-01', 'door.closed', 3)
    await clock.advance(7_200_000)
    far.pushTo(hook)
    const [first, second] = far.events('gusu-01')
    expect(await far.deliver('d2', [second!])).toBe(200)
    expect(await far.deliver('d1', [first!])).toBe(200)
    expect(await far.deliver('d1', [first!])).toBe(200)
    expect(await far.deliver('d3', [first!, second!])).toBe(200)
    expect(kinds(heard)).toEqual(['1 door-opened 3', '2 door-closed 3'])
    expect(heard.map(event => event.at - began)).toEqual([0, 4000])
    expect(heard.map(event => [event.timed, event.receivedAt])).toEqual([
      ['cabinet', clock.now()],
      ['cabinet', clock.now()],
    ])
  })

  it('is asked for again while nobody can take it in, and then comes', async () => {
    const { far, driver, hook, heard } = await cloudRig({ pushes: false })
    far.pushTo(hook)
    let room = false
    expect(await far.deliver('d0', [])).toBe(200)
    await far.happen('gusu-01', 'tamper')
    expect(far.pushed.at(-1)).toBe(503)
    driver.onEvent(async event => {
      if (!room) throw new Error('the store is away')
      heard.push(event)
    })
    const [event] = far.events('gusu-01')
    expect(await far.deliver('d1', [event!])).toBe(503)
    room = true
    expect(await far.deliver('d1', [event!])).toBe(200)
    expect(kinds(heard)).toEqual(['1 tamper'])
  })

  it('is fetched where a push got lost, before what came after it', async () => {
    const { far, driver, during, pass, heard, listen, hook } = await cloudRig({ pushes: false })
    listen()
    for (const channel of [1, 2, 3]) await far.happen('gusu-01', 'door.opened', channel)
    far.pushTo(hook)
    await far.happen('gusu-01', 'door.closed', 1)
    expect(kinds(heard)).toEqual(['1 door-opened 1', '2 door-opened 2', '3 door-opened 3', '4 door-closed 1'])
    far.pushTo(undefined)
    await far.happen('gusu-01', 'cabinet.offline')
    await during(driver.read(1))
    await pass(20)
    expect(kinds(heard).at(-1)).toBe('5 offline')
  })

  it('is told as lost where the cloud does not have it any more', async () => {
    const { far, heard, listen, hook } = await cloudRig({ pushes: false })
    listen()
    far.pushTo(hook)
    await far.happen('gusu-01', 'door.opened', 1)
    far.pushTo(undefined)
    for (let n = 0; n < 4; n++) await far.happen('gusu-01', 'tamper')
    far.forget('gusu-01', 4)
    far.pushTo(hook)
    await far.happen('gusu-01', 'door.closed', 1)
    expect(kinds(heard)).toEqual(['1 door-opened 1', 'null events-lost', '5 tamper', '6 door-closed 1'])
    expect(heard[1]!.what).toEqual({ kind: 'events-lost', count: 3 })
  })

  it('has a doubtful time when it comes from the future', async () => {
    const { far, clock, heard, listen, hook } = await cloudRig({ pushes: false })
    listen()
    far.pushTo(hook)
    const at = new Date(clock.now() + 86_400_000).toISOString()
    await far.deliver('d1', [{ id: 'x', cabinet: 'gusu-01', seq: 1, at, type: 'tamper' }])
    expect(heard[0]!.timed).toBe('doubtful')
  })

  it('is refused when wrongly signed, too old, too new or of another key, and tells nothing', async () => {
    for (const signing of [bearer, sudiyi]) {
      const { far, clock, driver, heard, listen, hook } = await cloudRig({ signing, pushes: false })
      listen()
      far.pushTo(hook)
      const event = {
        id: 'x',
        cabinet: 'gusu-01',
        seq: 1,
        at: new Date(clock.now()).toISOString(),
        type: 'tamper',
      }
      expect(await far.deliver('d1', [event], clock.now() - 301_000)).toBe(401)
      expect(await far.deliver('d2', [event], clock.now() + 301_000)).toBe(401)
      const wrong = { path: `/hooks/${hookSecret}`, body: '{"events":[]}', header: () => 'v1,AAAA' }
      expect((await driver.hear(wrong)).status).toBe(401)
      expect((await driver.hear({ ...wrong, header: () => undefined })).status).toBe(401)
      expect(heard).toEqual([])
      expect(driver.health(1).dropped).toBe(4)
      expect(await far.deliver('d1', [event], clock.now() - 299_000)).toBe(200)
      expect(heard).toHaveLength(1)
    }
  })

  it('is not taken when it is rightly signed and no message of ours, and foreign cabinets are passed over', async () => {
    const { far, clock, heard, listen, hook } = await cloudRig({ pushes: false })
    listen()
    far.pushTo(hook)
    const at = new Date(clock.now()).toISOString()
    expect(await far.deliver('d1', [{ id: 'x', cabinet: 'gusu-01', seq: -1, at, type: 'tamper' }])).toBe(400)
    expect(await far.deliver('d2', [{ id: 'x', cabinet: 'elsewhere', seq: 1, at, type: 'tamper' }])).toBe(200)
    expect(await far.deliver('d3', [{ id: 'x', cabinet: 'gusu-01', seq: 1, at, type: 'of.tomorrow' }])).toBe(
      200,
    )
    expect(heard).toEqual([])
  })
})

describe('the settings of a vendor cloud', () => {
  const wire = { name: 'locker-line:test', clock: new ManualClock(0), transcript: noTranscript }
  const right = {
    url: 'https://cloud.example/api',
    cabinets,
    signing: { how: 'bearer', key: 'k'.repeat(16) },
  }

  it('take no connection that anybody can read', () => {
    expect(vendorCloud.settings.safeParse(right).success).toBe(true)
    expect(vendorCloud.settings.safeParse({ ...right, url: 'http://cloud.example' }).success).toBe(false)
  })

  it('do not give an address for pushes without a key that they are known by', () => {
    const answer = vendorCloud.create({ ...right, hookSecret }, wire)
    if (answer.ok) throw new Error('wrong settings were taken')
    expect(answer.problem.say.en).toContain('signing.hookKeys')
  })

  it('are all told at once where they are wrong', () => {
    const answer = vendorCloud.create(
      {
        ...right,
        cabinets: [cabinets[0], cabinets[0]],
        signing: { how: 'sudiyi', partnerId: '', secret: 's' },
      },
      wire,
    )
    if (answer.ok) throw new Error('wrong settings were taken')
    for (const place of ['cabinets', 'signing.partnerId', 'signing.secret'])
      expect(answer.problem.say.en).toContain(place)
  })
})
