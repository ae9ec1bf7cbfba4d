import type { HttpPeer } from '../../src/adapters/http.ts'
import type { ManualClock } from '../../src/kernel/clock.ts'
import type { SandboxCloud } from '../../src/sandbox/lockers/cloud.ts'

/**
 * Moves a standing clock on beside a real HTTP client and a vendor's cloud in this process: only while nothing is on
 * the wire. `step`: of the clock; `quiets`: turns of the event loop in which nothing may be seen.
 */
export const cloudTime = (
  clock: ManualClock,
  far: Pick<SandboxCloud, 'busy' | 'waiting'>,
  peer: Pick<HttpPeer, 'send'>,
  { step, quiets }: { readonly step: number; readonly quiets: number },
) => {
  let calling = 0
  const calls = {
    send: async (...args: Parameters<HttpPeer['send']>) => {
      calling += 1
      try {
        return await peer.send(...args)
      } finally {
        calling -= 1
      }
    },
  }
  const still = async (): Promise<void> => {
    for (let quiet = 0; quiet < quiets; ) {
      await new Promise<void>(resolve => setImmediate(resolve))
      quiet = calling > far.waiting() || far.busy() ? 0 : quiet + 1
    }
  }
  const pass = async (by: number): Promise<void> => {
    for (let passed = 0; passed < by; passed += step) {
      await still()
      await clock.advance(step)
    }
    await still()
  }
  const during = async <T>(promise: Promise<T>): Promise<T> => {
    let settled = false
    const seen = () => {
      settled = true
    }
    promise.then(seen, seen)
    for (let passed = 0; !settled; passed += step) {
      if (passed > 120_000) throw new Error('nothing came of it in two minutes of the clock')
      await pass(step)
    }
    return promise
  }
  return { calls, still, pass, during }
}
