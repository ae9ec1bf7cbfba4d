import { afterEach, describe, expect, it } from 'vitest'
import { until } from '../../harness/until.ts'
import { serialLines } from './serial-lines.ts'

const closing: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
})

const opened = { ok: true, value: { opened: true } }
/** What a converter says of itself: a name, a line end, beginnings of frames. */
const packet = Uint8Array.from([
  ...Buffer.from('SN=0042\r\n'),
  0x8a,
  0x02,
  0x57,
  0x4b,
  0x90,
  0x07,
  0xaa,
  0x55,
])

for (const { name, timing, boards, start: begin } of serialLines)
  describe(`what goes wrong on a line of ${name}:`, () => {
    const start: typeof begin = async options => {
      const rig = await begin(options)
      closing.push(rig.close)
      return rig
    }
    const [first, second] = boards.map(one => one.address) as [number, number]
    const door = { board: first, channel: boards[0]!.channels }
    const told = `${door.board}/${door.channel}`

    it('a silent board is told as such, the other goes on, and no door is told of', async () => {
      const { driver, far, during, openDoors } = await start()
      await openDoors()
      far.faults.silent.add(first)
      const silence = { ok: false, problem: expect.objectContaining({ kind: 'unreachable' }) }
      expect(await during(driver.read(first))).toEqual(silence)
      expect((await during(driver.read(second))).ok).toBe(true)
      far.faults.silent.clear()
      expect(await openDoors()).toEqual([])
    })

    it('a damaged answer is not believed: a reading is asked again, an opening looked after', async () => {
      const { driver, far, during, openDoors, pulses } = await start()
      await openDoors()
      far.faults.corrupt = 1
      expect(await openDoors()).toEqual([])
      far.faults.corrupt = 1
      expect(await during(driver.open(door))).toEqual(opened)
      expect(pulses(door)).toBe(1)
      expect(await openDoors()).toEqual([told])
    })

    it('an answer that comes after its time is no answer to the next question', async () => {
      const { driver, far, during, openDoors } = await start()
      await openDoors()
      far.faults.late.push(timing.deadline + 40)
      const reads = [driver.read(first), driver.read(second)]
      far.door(door.board, door.channel).force()
      await during(Promise.all(reads))
      expect(await openDoors()).toEqual([told])
    })

    it('an answer in single bytes is put together, two in one piece are taken apart', async () => {
      const { driver, far, during, openDoors, pulses } = await start({ faults: { split: true } })
      expect(await during(driver.open(door))).toEqual(opened)
      expect(await openDoors()).toEqual([told])
      far.faults.split = false
      far.faults.glue = 1
      await during(Promise.all([driver.read(first), driver.read(second)]))
      expect(await openDoors()).toEqual([told])
      expect(pulses(door)).toBe(1)
    })

    it('an adapter that echoes opens the door that is meant, and does not open a jammed one by words', async () => {
      const { driver, far, during, openDoors } = await start({ faults: { echo: true } })
      expect(await during(driver.open(door))).toEqual(opened)
      expect(await openDoors()).toEqual([told])
      far.door(door.board, door.channel).close()
      far.door(door.board, door.channel).jammed = true
      expect(await during(driver.open(door))).toEqual({ ok: true, value: { opened: false } })
    })

    it('a registration packet on connecting, before answers and time and again disturbs nothing', async () => {
      const { driver, during, openDoors, pulses } = await start({
        faults: { greeting: packet, noise: packet, heartbeat: { bytes: packet, every: 17 } },
      })
      expect(await openDoors()).toEqual([])
      expect(await during(driver.open(door))).toEqual(opened)
      expect(await openDoors()).toEqual([told])
      expect(pulses(door)).toBe(1)
    })

    it('an opening that nobody answers is looked after, and not repeated', async () => {
      const { driver, far, during, openDoors, pulses } = await start()
      await openDoors()
      far.faults.mute = 1
      expect(await during(driver.open(door))).toEqual(opened)
      expect(pulses(door)).toBe(1)
    })

    it('what boards say unasked between two answers is nobody’s answer', async () => {
      const { driver, far, during, openDoors, pulses } = await start()
      await openDoors()
      far.faults.pushes = 40
      expect(await during(driver.open(door))).toEqual(opened)
      expect(await openDoors()).toEqual([told])
      expect(pulses(door)).toBe(1)
    })

    it('a connection reset in mid-frame leaves an opening open to doubt, never done twice, and comes back', async () => {
      const { driver, bus, far, clock, during, openDoors, pulses } = await start()
      await openDoors()
      far.faults.breakAfter = 2
      const answer = await during(driver.open(door))
      if (answer.ok) expect(answer.value.opened).not.toBe(false)
      else expect(answer.problem).toMatchObject({ kind: 'unreachable', maybeDone: true })
      await until(() => !bus.up())
      await clock.advance(500)
      await until(() => bus.up())
      expect(await openDoors()).toEqual([told])
      expect(pulses(door)).toBe(1)
    })

    it('a power cut leaves the doors as they are, and they are read anew', async () => {
      const { driver, bus, far, clock, during, openDoors } = await start()
      expect(await during(driver.open(door))).toEqual(opened)
      far.power(false)
      await until(() => !bus.up())
      expect(await driver.read(first)).toMatchObject({ ok: false, problem: { kind: 'unreachable' } })
      far.door(door.board, door.channel).close()
      far.door(second, 1).force()
      far.power(true)
      await clock.advance(500)
      await until(() => bus.up())
      expect(await openDoors()).toEqual([`${second}/1`])
    })

    it('a machine whose clock is set back by hours opens and looks as before', async () => {
      let back = 0
      const { driver, far, clock, during } = await start({
        driverClock: wire => ({ after: wire.after.bind(wire), now: () => wire.now() - back }),
      })
      expect(await during(driver.open(door))).toEqual(opened)
      far.door(door.board, door.channel).close()
      far.door(door.board, door.channel).jammed = true
      back = 8 * 3_600_000
      const begun = clock.now()
      expect(await during(driver.open(door))).toEqual({ ok: true, value: { opened: false } })
      expect(clock.now() - begun).toBeLessThan(6000)
    })

    /** Boards whose bits say "locked" tell a lock that is not there as standing open, from the first look on. */
    it.skipIf(door.channel < 2)('a lock that the board does not have never seems to open', async () => {
      const { driver, far, during } = await start({ missing: 2 })
      const before = await during(driver.read(first))
      const stoodOpen = before.ok && before.value[door.channel - 1]?.door === 'open'
      const answer = await during(driver.open(door))
      if (answer.ok && !stoodOpen) expect(answer.value.opened).not.toBe(true)
      expect(far.boards.flatMap(one => one.doors.filter(other => other.isOpen()))).toEqual([])
      if (before.ok) expect(before.value.filter(one => one.door === 'open' && one.channel <= 3)).toEqual([])
    })
  })
