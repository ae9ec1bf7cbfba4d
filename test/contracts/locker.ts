import { afterEach, describe, expect, it } from 'vitest'
import type { Door, LockerDriver } from '../../src/lockers/locker.ts'

/** What a driver's simulator lets the contract do at the far end of the line. */
export interface LockerRig {
  readonly driver: LockerDriver
  /** Boards and their locks, as vendors count them. */
  readonly boards: readonly { readonly board: number; readonly channels: number }[]
  isOpen(door: Door): boolean
  hand: {
    close(door: Door): void
    force(door: Door): void
    jam(door: Door, jammed: boolean): void
  }
  faults: {
    /** May take the time until the line knows of it. */
    silence(board: number, silent: boolean): void | Promise<void>
    /** The next question never reaches its board. */
    loseQuestion(): void
    /** The next answer never reaches us; what was asked has happened. */
    loseAnswer(): void
    /** Cabinet without power, and then with power and connected again. */
    powerCut(): Promise<void>
  }
  /** Nothing is sent to a board that is known to be silent. */
  readonly knowsAbsence?: boolean
  /** Pulses sent to the door so far. */
  pulses(door: Door): number
  /** Lets the line's time pass until the promise is settled. */
  during<T>(promise: Promise<T>): Promise<T>
  close(): Promise<void>
}

/** What every driver of a locker promises; call it once for each way it can be set up. */
export const lockerContract = (name: string, setUp: () => Promise<LockerRig>): void => {
  describe(`${name} keeps the locker contract`, () => {
    const rigs: LockerRig[] = []
    afterEach(async () => {
      for (const rig of rigs.splice(0)) await rig.close()
    })
    const fresh = async () => {
      const rig = await setUp()
      rigs.push(rig)
      const doors = rig.boards.flatMap(({ board, channels }) =>
        Array.from({ length: channels }, (_, i) => ({ board, channel: i + 1 })),
      )
      const [first, last] = [doors[0]!, doors.at(-1)!]
      const openDoors = async (): Promise<Door[]> => {
        const open: Door[] = []
        for (const { board, channels } of rig.boards) {
          const answer = await rig.during(rig.driver.read(board))
          if (!answer.ok) throw new Error(answer.problem.code)
          expect(answer.value.map(reading => reading.channel)).toEqual(
            Array.from({ length: channels }, (_, i) => i + 1),
          )
          for (const { door, board: of, channel } of answer.value)
            if (door === 'open') open.push({ board: of, channel })
        }
        return open
      }
      return { ...rig, doors, first, last, openDoors }
    }

    it('opens exactly the door it is told to open', async () => {
      const { driver, during, doors, first, last, isOpen } = await fresh()
      for (const door of [last, first]) {
        expect(await during(driver.open(door))).toEqual({ ok: true, value: { opened: true } })
        expect(isOpen(door)).toBe(true)
      }
      expect(doors.filter(isOpen)).toEqual([first, last])
    })

    it('tells of every door whether it is open, and nothing else', async () => {
      const { doors, hand, openDoors } = await fresh()
      expect(await openDoors()).toEqual([])
      const some = doors.filter((_, i) => i % 3 === 0 || i === doors.length - 1)
      for (const door of some) hand.force(door)
      expect(await openDoors()).toEqual(some)
      for (const door of some) hand.close(door)
      expect(await openDoors()).toEqual([])
    })

    it('tells doors right whichever one stands open', async () => {
      const { doors, hand, openDoors } = await fresh()
      for (const door of doors.filter((_, i) => i % 5 === 2)) {
        hand.force(door)
        expect(await openDoors()).toEqual([door])
        hand.close(door)
      }
    })

    it('says that a jammed door did not open, and pulses it once', async () => {
      const { driver, during, hand, first, pulses, isOpen } = await fresh()
      hand.jam(first, true)
      expect(await during(driver.open(first))).toEqual({ ok: true, value: { opened: false } })
      expect(pulses(first)).toBe(1)
      hand.jam(first, false)
      expect(await during(driver.open(first))).toEqual({ ok: true, value: { opened: true } })
      expect(isOpen(first)).toBe(true)
    })

    it('finds out by reading that the door opened, when the answer is lost', async () => {
      const { driver, during, first, faults, pulses, openDoors } = await fresh()
      await openDoors()
      faults.loseAnswer()
      expect(await during(driver.open(first))).toEqual({ ok: true, value: { opened: true } })
      expect(pulses(first)).toBe(1)
    })

    it('finds out by reading that nothing moved, when the question is lost, and does not pulse by itself', async () => {
      const { driver, during, first, faults, pulses, openDoors } = await fresh()
      await openDoors()
      faults.loseQuestion()
      expect(await during(driver.open(first))).toEqual({ ok: true, value: { opened: false } })
      expect(pulses(first)).toBe(0)
    })

    it('calls a silent board unreachable, and the others go on', async () => {
      const { driver, during, boards, faults, openDoors, knowsAbsence } = await fresh()
      await openDoors()
      const silent = boards[0]!.board
      await faults.silence(silent, true)
      const silence = { ok: false, problem: expect.objectContaining({ kind: 'unreachable', retry: 'later' }) }
      expect(await during(driver.read(silent))).toEqual(silence)
      const opening = await during(driver.open({ board: silent, channel: 1 }))
      expect(opening).toEqual(silence)
      expect(!opening.ok && opening.problem.maybeDone).toBe(knowsAbsence ? undefined : true)
      for (const { board } of boards.slice(1)) expect((await during(driver.read(board))).ok).toBe(true)
      await faults.silence(silent, false)
      expect(await openDoors()).toEqual([])
    })

    it('reads after a power cut the doors as they are, not as they were', async () => {
      const { driver, during, first, last, hand, faults, openDoors, isOpen } = await fresh()
      await during(driver.open(first))
      hand.force(last)
      await faults.powerCut()
      hand.close(first)
      expect(await openDoors()).toEqual([last])
      expect(isOpen(first)).toBe(false)
    })

    it('has nothing to say of doors and boards it was not told of', async () => {
      const { driver, boards } = await fresh()
      const wrong = { ok: false, problem: expect.objectContaining({ kind: 'misconfigured' }) }
      const { board, channels } = boards[0]!
      expect(await driver.open({ board, channel: channels + 1 })).toEqual(wrong)
      expect(await driver.open({ board, channel: 0 })).toEqual(wrong)
      expect(await driver.open({ board: 98, channel: 1 })).toEqual(wrong)
      expect(await driver.read(98)).toEqual(wrong)
    })

    it('answers what still waits when it is closed', async () => {
      const { driver, boards, first } = await fresh()
      const waiting = [driver.read(boards[0]!.board), driver.open(first)]
      await driver.close()
      for (const answer of await Promise.all(waiting))
        expect(answer).toEqual({ ok: false, problem: expect.objectContaining({ kind: 'unreachable' }) })
    })
  })
}
