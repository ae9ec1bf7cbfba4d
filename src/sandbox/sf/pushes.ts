import { request } from 'undici'
import type { Clock, Millis } from '../../kernel/clock.ts'
import type { Faults } from '../faults.ts'
import type { Route } from './orders.ts'

/** `hold`: sent after the push that follows it. `lost`: never sent; only a query finds it. */
export type PushFault = { readonly kind: 'duplicate' } | { readonly kind: 'hold' } | { readonly kind: 'lost' }

const firstPause: Millis = 60_000
const tries = 10

/** Sends route nodes to the customer's address, the same batch again until it answers `0000`. */
export const createPushes = (clock: Clock, faults: Faults<PushFault>) => {
  let target: string | undefined
  let held: Route[] = []
  let underway = 0
  let closed = false
  const attempts: { readonly opCodes: readonly string[]; readonly taken: boolean }[] = []

  const send = async (batch: readonly Route[]): Promise<boolean> => {
    if (target === undefined) return true
    try {
      const { body } = await request(target, {
        method: 'POST',
        headers: { 'content-type': 'application/json;charset=UTF-8' },
        body: JSON.stringify({ Body: { WaybillRoute: batch } }),
      })
      const answer = JSON.parse(await body.text()) as { return_code?: string }
      return answer.return_code === '0000'
    } catch {
      return false
    }
  }
  const deliver = async (batch: readonly Route[], attempt = 1): Promise<void> => {
    underway++
    const taken = await send(batch)
    attempts.push({ opCodes: batch.map(route => route.opCode), taken })
    underway--
    if (!taken && attempt < tries && !closed)
      clock.after(firstPause * 2 ** (attempt - 1), () => {
        void deliver(batch, attempt + 1)
      })
  }
  return {
    attempts,
    to: (url: string | undefined): void => {
      target = url
    },
    /** Resolves after the first try. */
    push: async (route: Route): Promise<void> => {
      const fault = faults.next('push')
      if (fault?.kind === 'lost') return
      if (fault?.kind === 'hold') {
        held.push(route)
        return
      }
      await deliver([route])
      if (fault?.kind === 'duplicate') await deliver([route])
      const late = held
      held = []
      if (late.length > 0) await deliver(late)
    },
    idle: (): boolean => underway === 0,
    close: (): void => {
      closed = true
    },
  }
}
