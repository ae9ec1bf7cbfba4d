import { Agent } from 'undici'
import { afterAll, afterEach } from 'vitest'
import { createHttp } from '../../../src/adapters/http.ts'
import { ManualClock } from '../../../src/kernel/clock.ts'
import { ringTranscript } from '../../../src/kernel/transcript.ts'
import type { CabinetEvent } from '../../../src/lockers/locker.ts'
import {
  type CloudDriver,
  type CloudSettings,
  createCloudDriver,
  vendorCloud,
} from '../../../src/lockers/vendors/vendor-cloud.ts'
import { startHttpParty } from '../../../src/sandbox/http-party.ts'
import { type SandboxCloudSettings, startSandboxCloud } from '../../../src/sandbox/lockers/cloud.ts'
import { cloudTime } from '../cloud-time.ts'

export const hookSecret = 'an-address-nobody-guesses'
export const hookKey = 'whsec_c2hhcmVkIHdpdGggdGhlIHZlbmRvcg=='
export const bearer = { how: 'bearer', key: 'key-of-the-library', hookKey } as const
export const sudiyi = { how: 'sudiyi', partnerId: 'P1', secret: 'secret of the library', md5: 'raw' } as const
export const cabinets = [
  { board: 1, id: 'gusu-01', channels: 12 },
  { board: 4, id: 'gusu-02', channels: 3 },
]

export interface CloudVariant {
  readonly signing?: SandboxCloudSettings['signing']
  readonly answers?: SandboxCloudSettings['answers']
  /** Without pushes everything is found by looking. */
  readonly pushes?: boolean
  readonly md5?: 'raw' | 'hex16' | 'hex32'
  /** More settings of the driver, given where pushes go. */
  readonly settings?: (hook: string) => Readonly<Record<string, unknown>>
  /** Hears what crosses the wire: calls of ours and their answers, pushes and ours. */
  readonly hears?: (direction: '>' | '<', head: string, headers: object, body: string) => void
  /** Dead peers are found out as outside tests. */
  readonly breaker?: boolean
}

const pushHeaders = [
  'authorization',
  'content-md5',
  'content-type',
  'date',
  'webhook-id',
  'webhook-signature',
  'webhook-timestamp',
]

export const turn = (): Promise<void> => new Promise(resolve => setImmediate(resolve))

/**
 * Makes rigs for one test file and closes them: a driver, its vendor's cloud and an ear for its pushes, over real HTTP; time
 * stands still.
 */
export const cloudRigs = () => {
  const agent = new Agent()
  const closing: (() => Promise<unknown>)[] = []
  afterEach(async () => {
    for (const close of closing.splice(0).reverse()) await close()
  })
  afterAll(() => agent.close())
  return (variant: CloudVariant = {}) => rigWith(agent, closing, variant)
}

const rigWith = async (
  agent: Agent,
  closing: (() => Promise<unknown>)[],
  {
    signing = bearer,
    answers = 'at-once',
    pushes = true,
    md5 = 'raw',
    settings,
    breaker,
    hears,
  }: CloudVariant,
) => {
  const clock = new ManualClock('2026-11-23T00:00:00Z')
  const far = await startSandboxCloud({ clock, cabinets, signing, answers })
  const transcript = ringTranscript(200)
  // A dead cloud is met at once in these tests: its breaker is shown elsewhere.
  const peer = createHttp({ agent, clock, transcript: transcript.take }).peer(
    'cloud',
    breaker ? {} : { atLeast: 10_000 },
  )
  const send: typeof peer.send = async asked => {
    const { method, url, headers = {}, body = '' } = asked
    hears?.('>', `${method} ${url.slice(far.url.length)}`, headers, body)
    const answer = await peer.send(asked)
    if (answer.ok) hears?.('<', String(answer.value.status), {}, answer.value.body.toString())
    else hears?.('<', `(${answer.problem.code})`, {}, '')
    return answer
  }
  const { calls, still, pass, during } = cloudTime(clock, far, { send }, { step: 20, quiets: 3 })
  let driver: CloudDriver | undefined
  const replies: number[] = []
  const ear = await startHttpParty(async ({ method, path, body, header }) => {
    const told = pushHeaders.map(name => [name, header(name)] as const).filter(([, value]) => value)
    hears?.('<', `${method} ${path}`, Object.fromEntries(told), body)
    const { status } = await driver!.hear({ path, body, header })
    hears?.('>', String(status), {}, '')
    replies.push(status)
    return { status, body: '' }
  })
  const hook = `${ear.url}/hooks/${hookSecret}`
  const chosen = vendorCloud.settings.parse({
    url: far.url,
    cabinets,
    hookSecret,
    signing:
      signing.how === 'bearer'
        ? { how: 'bearer', key: signing.key, hookKeys: [hookKey] }
        : { ...signing, md5 },
    ...settings?.(hook),
  }) as CloudSettings
  const made = createCloudDriver(chosen, { name: 'locker-line:test', clock, calls })
  driver = made
  if (pushes) far.pushTo(hook)
  const heard: CabinetEvent[] = []
  const listen = () =>
    made.onEvent(async event => {
      heard.push(event)
    })
  closing.push(async () => {
    await made.close()
    await ear.close()
    await far.close()
  })
  return {
    clock,
    far,
    driver: made,
    during,
    pass,
    still,
    heard,
    listen,
    replies,
    transcript,
    hook,
  }
}
