import { field, isUnreadable, parseMessage } from '../../src/adapters/ils/sip2/codec.ts'
import type { Encoding } from '../../src/adapters/ils/sip2/encodings.ts'
import { createSplitter } from '../../src/adapters/ils/sip2/framing.ts'
import type { Account, Speech } from '../../src/gateway/sip2-server/accounts.ts'
import { createDesk, type Desk } from '../../src/gateway/sip2-server/desk.ts'
import { Session } from '../../src/gateway/sip2-server/session.ts'
import { ManualClock } from '../../src/kernel/clock.ts'
import { createIds, seededRandom } from '../../src/kernel/ids.ts'
import { noLog } from '../../src/kernel/log.ts'
import { linesOf } from './server-lines.ts'
import { Truth } from './server-truth.ts'
import { type FuzzWorld, account as usual, worldOf } from './server-world.ts'
import { hex, must, type Target, unhex } from './target.ts'

interface Talk {
  readonly lines: readonly string[]
  readonly encoding: Encoding
  readonly errorDetection: Speech['errorDetection']
  readonly relays: boolean
}

const linesOfOne = 16
const start = Date.UTC(2026, 10, 22, 1, 30)

/**
 * Whole conversations with the server, without a socket: nothing is carried out that was not rightly asked for.
 * `begin` makes the session: a careless one shows that carelessness would be seen.
 */
export const conversations = (begin: (speech: Speech) => Session): Target => ({
  name: 'server: conversations',
  share: 25,
  inputs: linesOfOne,
  make: chance => {
    const encoding = chance.of(['utf-8', 'gb18030'] as const)
    const errorDetection = chance.of(['auto', 'auto', 'required'] as const)
    const lines = linesOf(chance, encoding, linesOfOne).map(hex)
    return { lines, encoding, errorDetection, relays: !chance.once(3) } satisfies Talk
  },
  check: async made => {
    const { lines, encoding, errorDetection, relays } = made as Talk
    const speech: Speech = { ...usual.speech, encoding, errorDetection }
    const account: Account = { ...usual, speech }
    const world = worldOf(relays)
    const clock = new ManualClock(start)
    const desk = deskOf(world, clock)
    const session = begin(speech)
    const truth = new Truth(encoding, errorDetection === 'required')
    for (const line of lines.map(unhex)) {
      for (const frame of createSplitter(16_384).push(Buffer.concat([line, Buffer.from('\r')]))) {
        if ('tooLong' in frame) continue
        const before = world.deeds.length
        const served = await turn(frame.bytes, session, desk, account, clock)
        truth.judge(frame.bytes, world.deeds.slice(before), served)
        clock.jump(clock.now() + 137)
      }
    }
  },
})

export const serverSessions = conversations(speech => new Session(speech))

const deskOf = (world: FuzzWorld, clock: ManualClock): Desk =>
  createDesk({
    ours: world.ours,
    ils: () => world.ils,
    byHand: () => false,
    clock,
    wire: { after: () => () => {} },
    ids: createIds(clock, seededRandom('fuzz')),
    log: noLog,
    limits: { answerTime: 25_000 },
  })

/** One line, as the connection serves it; true when it was run. */
const turn = async (
  line: Uint8Array,
  session: Session,
  desk: Desk,
  account: Account,
  clock: ManualClock,
): Promise<boolean> => {
  const step = session.take(line, clock.now(), 'up')
  if (step.do === 'send') {
    whole(step.bytes, session)
    return false
  }
  if (step.do === 'nothing' || step.do === 'tell-status') return false
  const { request } = step
  if (step.do === 'login') {
    const right = field(request, 'CN') === 'hall' && field(request, 'CO') === 'open sesame'
    const plain = request.fixed.uidAlgorithm === '0' && request.fixed.pwdAlgorithm === '0'
    session.loggedIn(right && plain ? account : undefined)
    const message = { command: '94', fixed: { ok: right && plain ? '1' : '0' }, fields: [] }
    whole(session.answer(message, request, line, clock.now(), ''), session)
    return true
  }
  if (!session.account) {
    whole(session.answer(desk.status(request, undefined), request, line, clock.now(), ''), session)
    return true
  }
  const served = await desk.serve(request, session.account, '019', kind => {
    must(kind !== 'bug', 'a request stumbled')
  })
  if (!served.message) return false
  whole(session.answer(served.message, request, line, clock.now(), ''), session)
  served.delivered()
  return true
}

/** An answer is one message, with a sum that is right where it has one. */
const whole = (bytes: Uint8Array, session: Session): void => {
  if (bytes.length === 0) return
  const frames = createSplitter(1 << 20).push(bytes)
  must(frames.length === 1, `an answer of ${frames.length} messages`)
  const { encoding, delimiter } = session.speech
  const parsed = parseMessage(bytes, { encoding, delimiter })
  if (isUnreadable(parsed)) throw new Error(`an answer that is none: ${parsed.error}`)
  must(parsed.checksum !== 'wrong', 'an answer with a wrong sum')
}
