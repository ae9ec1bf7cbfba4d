import { describe, expect, it } from 'vitest'
import { ManualClock } from '../../../src/kernel/clock.ts'
import { noTranscript } from '../../../src/kernel/transcript.ts'
import { blueprint } from '../../../src/lockers/vendors/_blueprint.ts'
import { xorBoard } from '../../../src/lockers/vendors/xor-board.ts'
import { xorBoards } from '../../../src/sandbox/lockers/xor-board.ts'
import { lockerContract } from '../../contracts/locker.ts'
import { boardContractRig, boardRig } from '../boards.ts'

interface Variant {
  readonly boards: readonly { address: number; channels: number }[]
  readonly shortedWhen?: 'closed' | 'open'
  readonly bitOneMeans?: 'open' | 'closed'
  readonly groupOrder?: 'high-first' | 'low-first'
  readonly query?: 'board' | 'group'
  readonly pulseSeconds?: number
  readonly echo?: boolean
  readonly split?: boolean
}

const setup = ({ boards, echo = false, split = false, query, pulseSeconds, ...wiring }: Variant) => {
  const wired = boards.map(board => ({ ...board, ...wiring }))
  const near = { boards: wired, ...(query && { query }), ...(pulseSeconds && { pulseSeconds }) }
  return { make: xorBoard, family: xorBoards, near, far: wired, faults: { echo, split } }
}
const rig = (variant: Variant) => boardRig(setup(variant))
const contractRig = (variant: Variant) => boardContractRig(setup(variant))

for (const channels of [8, 24, 32])
  for (const shortedWhen of ['closed', 'open'] as const)
    for (const bitOneMeans of ['open', 'closed'] as const)
      lockerContract(
        `a line of two ${channels}-way XOR boards, contact shorted when ${shortedWhen}, bit 1 ${bitOneMeans}`,
        contractRig({
          boards: [
            { address: 1, channels },
            { address: 7, channels },
          ],
          shortedWhen,
          bitOneMeans,
        }),
      )

for (const [index, channels] of [12, 16, 18, 36, 50].entries())
  for (const query of ['board', 'group'] as const)
    lockerContract(
      `a line of two ${channels}-way XOR boards read by ${query}`,
      contractRig({
        boards: [
          { address: 1, channels },
          { address: 99, channels },
        ],
        query,
        shortedWhen: index % 2 === 0 ? 'open' : 'closed',
        bitOneMeans: index % 2 === 0 ? 'closed' : 'open',
      }),
    )

const odd = [
  { address: 2, channels: 12 },
  { address: 3, channels: 50 },
]
lockerContract('XOR boards asked by groups of eight', contractRig({ boards: odd, query: 'group' }))
lockerContract(
  'XOR boards that send the low group of eight first',
  contractRig({ boards: odd, groupOrder: 'low-first' }),
)
lockerContract('XOR boards with a pulse of 5 s', contractRig({ boards: odd, pulseSeconds: 5 }))
lockerContract(
  'XOR boards behind an adapter that echoes',
  contractRig({ boards: [{ address: 1, channels: 8 }, ...odd], echo: true, shortedWhen: 'open' }),
)
lockerContract(
  'XOR boards whose answers come byte by byte',
  contractRig({ boards: [{ address: 1, channels: 8 }, ...odd], split: true }),
)

describe('the driver of the XOR boards', () => {
  it('does not take the echo of an opening for its success when the very first act is an opening', async () => {
    const { driver, far, during, close } = await rig({
      boards: [{ address: 1, channels: 8 }],
      shortedWhen: 'open',
      echo: true,
    })
    far.door(1, 3).jammed = true
    expect(await during(driver.open({ board: 1, channel: 3 }))).toEqual({
      ok: true,
      value: { opened: false },
    })
    await close()
  })

  it('opens nothing before the line has shown whether it echoes', async () => {
    const { driver, far, during, close } = await rig({ boards: [{ address: 1, channels: 8 }] })
    far.faults.silent.add(1)
    const answer = await during(driver.open({ board: 1, channel: 3 }))
    expect(answer).toEqual({ ok: false, problem: expect.objectContaining({ code: 'locker-no-answer' }) })
    expect(answer.ok || answer.problem.maybeDone).toBeUndefined()
    await close()
  })

  it('lets a solenoid rest for a second between two pulses', async () => {
    const { driver, far, during, clock, close } = await rig({ boards: [{ address: 1, channels: 8 }] })
    far.door(1, 1).jammed = true
    await during(driver.open({ board: 1, channel: 1 }))
    const begun = clock.now()
    await during(driver.open({ board: 1, channel: 1 }))
    expect(clock.now() - begun).toBeGreaterThanOrEqual(900)
    expect(far.asked.filter(one => one === 'open 1/1')).toHaveLength(2)
    await close()
  })

  it("opens within 150 ms beyond the board's own time while the line is being polled", async () => {
    const { driver, during, clock, close } = await rig({
      boards: [1, 2, 3].map(address => ({ address, channels: 24 })),
    })
    await during(driver.read(1))
    const begun = clock.now()
    const polls = [1, 2, 3].map(board => driver.read(board))
    await during(driver.open({ board: 2, channel: 9 }))
    const boardsOwn = 320
    expect(clock.now() - begun - boardsOwn).toBeLessThanOrEqual(150)
    await during(Promise.all(polls))
    await close()
  })
})

describe('the settings of a locker line', () => {
  const wire = { name: 'locker-line:test', clock: new ManualClock(0), transcript: noTranscript }

  it('are all told at once where they are wrong, in both languages', () => {
    const answer = xorBoard.create(
      {
        address: { dial: { host: '', port: 70_000 } },
        boards: [
          { address: 1, channels: 51 },
          { address: 1, channels: 8 },
        ],
        pulse: 3,
      },
      wire,
    )
    if (answer.ok) throw new Error('wrong settings were taken')
    expect(answer.problem).toMatchObject({ kind: 'misconfigured', code: 'locker-settings', retry: 'never' })
    for (const place of ['address', 'boards.0.channels', 'boards', 'pulse'])
      expect(answer.problem.say.en).toContain(place)
    expect(answer.problem.say.zh).toContain('locker-line:test')
  })

  it('have the usual wiring where nothing is said', () => {
    const parsed = xorBoard.settings.parse({
      address: { listen: { port: 20_108, from: '192.168.0.7' } },
      boards: [{ address: 1, channels: 24 }],
    })
    expect(parsed).toEqual({
      address: { listen: { host: '127.0.0.1', port: 20_108, from: '192.168.0.7' } },
      boards: [
        {
          address: 1,
          channels: 24,
          shortedWhen: 'closed',
          bitOneMeans: 'open',
          groupOrder: 'high-first',
        },
      ],
      query: 'board',
    })
  })

  it('make a driver, also from the blueprint', async () => {
    const address = { dial: { host: '127.0.0.1', port: 9 } }
    for (const [make, settings] of [
      [xorBoard, { address, boards: [{ address: 1, channels: 8 }] }],
      [blueprint, { address, boards: [{ address: 1, channels: 8 }] }],
    ] as const) {
      const answer = make.create(settings, wire)
      if (!answer.ok) throw new Error(answer.problem.say.en)
      expect(answer.value.name).toBe(make.name)
      expect(await answer.value.read(1)).toMatchObject({ ok: false, problem: { kind: 'unreachable' } })
      await answer.value.close()
    }
  })
})
