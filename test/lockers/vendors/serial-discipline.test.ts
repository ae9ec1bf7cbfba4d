import { afterEach, describe, expect, it } from 'vitest'
import { bytes } from './check-frames.ts'
import { serialLines } from './serial-lines.ts'

const closing: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
})

/** The words of an opening in the transcript; the Modbus boards have their own. */
const opens = (text: string): boolean => /^(open|pulse) /.test(text)

for (const { name, timing, boards, start: begin } of serialLines)
  describe(`the discipline of a line of ${name}:`, () => {
    const [first, second] = boards.map(one => one.address) as [number, number]
    const doors = boards.map(({ address, channels }) => ({ board: address, channel: channels }))
    const start = async () => {
      const rig = await begin()
      closing.push(rig.close)
      await rig.openDoors()
      return rig
    }

    it('one question at a time, as far apart as the line needs, openings as far as the supply bears', async () => {
      const { driver, far, during, transcript } = await start()
      const before = transcript.lines().length
      const reads = [first, second, first, second].map(board => driver.read(board))
      const openings = doors.map(door => driver.open(door))
      expect((await during(Promise.all([...reads, ...openings]))).every(answer => answer.ok)).toBe(true)
      const lines = transcript.lines().slice(before)
      const sent = lines.filter(one => one.direction === '>')
      for (const [at, one] of sent.entries()) {
        const previous = sent[at - 1]
        if (previous) expect(one.at - previous.at).toBeGreaterThanOrEqual(timing.afterSend)
        const heard = lines.filter(other => other.direction === '<' && other.at <= one.at).at(-1)
        if (heard && lines.indexOf(heard) < lines.indexOf(one))
          expect(one.at - heard.at).toBeGreaterThanOrEqual(timing.gap)
      }
      const acts = sent.filter(one => opens(one.text))
      expect(acts).toHaveLength(2)
      expect(acts[1]!.at - acts[0]!.at).toBeGreaterThanOrEqual(timing.betweenActs ?? 0)
      expect(far.traffic().trampled).toBe(0)
    })

    it('an opening goes before every reading that waits', async () => {
      const { driver, during, transcript } = await start()
      const before = transcript.lines().length
      const reads = [first, second, first, second].map(board => driver.read(board))
      const opening = driver.open(doors[1]!)
      await during(Promise.all([...reads, opening]))
      const sent = transcript
        .lines()
        .slice(before)
        .filter(one => one.direction === '>')
      const at = sent.findIndex(one => opens(one.text))
      // The first reading may have been on its way already.
      expect(at).toBeGreaterThanOrEqual(0)
      expect(at).toBeLessThanOrEqual(1)
    })

    it('what another board answers somebody else is no answer, and is told as such', async () => {
      const { driver, far, during, transcript } = await start()
      await during(driver.read(second))
      const answer = transcript.lines().findLast(one => one.direction === '<')!
      const heard = bytes(/((?:[0-9A-F]{2} ?)+)$/.exec(answer.text)![1]!)
      far.faults.silent.add(first)
      far.faults.heartbeat = { bytes: heard, every: 30 }
      const read = await during(driver.read(first))
      const code = name === 'modbus-tcp' ? 'locker-answer-garbled' : 'locker-answer-foreign'
      expect(read).toMatchObject({ ok: false, problem: { kind: 'garbled', code } })
    })
  })
