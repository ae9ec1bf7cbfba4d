import { createSplitter, longestRequest } from '../../../../../src/adapters/ils/sip2/framing.ts'
import type { Heard, LineEnd, ProbeWire } from '../../../../../src/adapters/ils/sip2/probe/step.ts'
import type { ManualClock } from '../../../../../src/kernel/clock.ts'
import { seededRandom } from '../../../../../src/kernel/ids.ts'
import type { Dialect } from '../../../../../src/sandbox/ils/dialect.ts'
import { Faults } from '../../../../../src/sandbox/ils/faults.ts'
import { Session } from '../../../../../src/sandbox/ils/session.ts'
import type { IlsState } from '../../../../../src/sandbox/ils/state.ts'

export interface WireLog {
  /** Commands in the order in which they were said; `''` for what is no message. */
  readonly said: string[]
  mostAtOnce: number
  mostOpen: number
  opened: number
}

export interface SessionWire extends ProbeWire {
  readonly log: WireLog
}

/** What ends a message there: any line end, or a line feed alone. */
export type EndsAt = 'any' | 'lf'

/** A library system of the sandbox without sockets, in the time of the clock given. */
export const sessionWire = (
  state: IlsState,
  dialect: Dialect,
  clock: ManualClock,
  endsAt: EndsAt = 'any',
): SessionWire => {
  const log: WireLog = { said: [], mostAtOnce: 0, mostOpen: 0, opened: 0 }
  interface Open {
    readonly session: Session
    readonly splitter: ReturnType<typeof createSplitter>
    held: Buffer
    /** What has been typed at the prompts of a telnet server. */
    readonly typed: string[]
  }
  const open = new Map<number, Open>()
  const faults = new Faults(seededRandom('none'))
  let under = 0
  const silence = async (patience: number): Promise<Heard> => {
    await passed(clock, patience)
    return { heard: 'silence', bytes: new Uint8Array() }
  }
  const answer = (bytes: Uint8Array): Heard => {
    const text = Buffer.from(bytes).toString('latin1')
    const end = /[\r\n]+$/.exec(text)?.[0] ?? ''
    return {
      heard: 'line',
      bytes: bytes.subarray(0, bytes.length - end.length),
      end: end as LineEnd,
      took: 7,
    }
  }
  const serve = async (number: number, bytes: Uint8Array, patience: number): Promise<Heard> => {
    const line = open.get(number)
    if (!line) return { heard: 'closed', bytes: new Uint8Array() }
    const come = Buffer.concat([line.held, bytes])
    const ready = endsAt === 'any' || come.includes(10)
    line.held = ready ? Buffer.alloc(0) : come
    const [frame] = ready ? line.splitter.push(come) : []
    if (!frame || 'tooLong' in frame) return silence(patience)
    log.said.push(Buffer.from(frame.bytes.subarray(0, 2)).toString('latin1'))
    const step = line.session.take(frame.bytes)
    if (step.kind === 'ignore') return silence(patience)
    if (step.kind === 'close') {
      open.delete(number)
      return { heard: 'closed', bytes: new Uint8Array() }
    }
    if (step.kind !== 'request') return answer(step.bytes)
    const told = line.session.perform(frame.bytes, step.request)
    if (line.session.refusedTooOften) open.delete(number)
    return answer(told)
  }
  return {
    log,
    open: async (number, tls) => {
      log.opened++
      if (tls || open.size >= dialect.maxConnections) return { heard: 'not-opened', code: 'ECONNRESET' }
      const session = new Session({ state, dialect, clock, faults })
      open.set(number, {
        session,
        splitter: createSplitter(longestRequest),
        held: Buffer.alloc(0),
        typed: [],
      })
      log.mostOpen = Math.max(log.mostOpen, open.size)
      return { heard: 'opened' }
    },
    listen: async (number, patience) => {
      const line = open.get(number)
      if (dialect.loginBy !== 'telnet' || !line || line.typed.length > 2) return silence(patience)
      const [user, password] = line.typed
      const well = password !== undefined && line.session.logIn(user!, password)
      const text =
        password !== undefined
          ? well
            ? 'Login OK.\r\n'
            : 'Login incorrect\r\n'
          : user === undefined
            ? 'login: '
            : 'password: '
      return { heard: 'line', bytes: Buffer.from(text), end: '\r', took: 0 }
    },
    say: async (number, bytes, patience, deaf) => {
      if (deaf) {
        open.get(number)?.typed.push(Buffer.from(bytes).toString('latin1').trim())
        return { heard: 'done' }
      }
      under++
      log.mostAtOnce = Math.max(log.mostAtOnce, under)
      const heard = await serve(number, bytes, patience)
      await passed(clock, 7)
      under--
      return heard
    },
    close: number => {
      open.delete(number)
    },
    end: () => open.clear(),
  }
}

const passed = (clock: ManualClock, millis: number): Promise<void> =>
  new Promise(resolve => {
    clock.after(millis, resolve)
  })

/** Lets virtual time run until `work` has come to its end; gives how long that took. */
export const inVirtualTime = async <T>(
  clock: ManualClock,
  work: Promise<T>,
  longest = 600_000,
): Promise<{ value: T; took: number }> => {
  const started = clock.now()
  let over = false
  const done = work.finally(() => {
    over = true
  })
  while (!over) {
    if (clock.now() - started > longest) throw new Error('still not done')
    await clock.advance(250)
  }
  return { value: await done, took: clock.now() - started }
}
