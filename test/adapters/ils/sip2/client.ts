import type { Sip2SettingsInput } from '../../../../src/adapters/ils/sip2/settings.ts'
import { createSip2Ils, type Sip2Ils } from '../../../../src/adapters/ils/sip2/sip2.ts'
import { ManualClock } from '../../../../src/kernel/clock.ts'
import { seededRandom } from '../../../../src/kernel/ids.ts'
import type { Log } from '../../../../src/kernel/log.ts'
import { ringTranscript } from '../../../../src/kernel/transcript.ts'
import { type Acs, type AcsOptions, type Script, startAcs } from './acs.ts'

export interface Rig {
  readonly ils: Sip2Ils
  readonly acs: Acs
  readonly clock: ManualClock
  readonly transcript: () => string
  readonly warnings: string[]
  end(): Promise<void>
}

/** A library system with a script and the driver talking to it, at 09:30 in Shanghai. */
export const rig = async (
  script: Script,
  settings: Partial<Sip2SettingsInput> = {},
  options: AcsOptions = {},
): Promise<Rig> => {
  const acs = await startAcs(script, options)
  const clock = new ManualClock('2026-11-22T01:30:00Z')
  const ring = ringTranscript(10_000)
  const warnings: string[] = []
  const log: Log = {
    info: () => {},
    warn: (fields, text) => warnings.push(`${text} ${JSON.stringify(fields)}`),
    error: () => {},
  }
  const ils = createSip2Ils(
    {
      name: 'ils:test',
      host: '127.0.0.1',
      port: acs.port,
      login: { user: 'gateway', password: 'hunter2' },
      ...settings,
    },
    { clock, random: seededRandom('rig'), transcript: ring.take, log },
  )
  return {
    ils,
    acs,
    clock,
    transcript: () =>
      ring
        .lines()
        .map(line => `${line.direction} ${line.text}`)
        .join('\n'),
    warnings,
    end: async () => {
      await acs.close()
      await ils.close()
    },
  }
}

export const act = { key: 'order-1', repeated: false } as const
