import type { Clock, Millis } from '../../../kernel/clock.ts'
import type { Connection } from './connection.ts'
import type { Profile } from './profile.ts'

type IdleProfile = Pick<Profile, 'keepAliveSeconds' | 'idleCloseSeconds' | 'sendScStatus'>

/** Connections that wait for work: each asks 99 now and then, or is closed after a while, as the profile says. */
export class IdleLines {
  /** Each with what cancels its timers. */
  readonly #lines = new Map<Connection, () => void>()
  readonly #profile: IdleProfile
  readonly #clock: Pick<Clock, 'after'>
  readonly #keepAlive: (connection: Connection) => void

  /** `keepAlive` is told when it is time for a 99; the connection is taken out first. */
  constructor(
    profile: IdleProfile,
    clock: Pick<Clock, 'after'>,
    keepAlive: (connection: Connection) => void,
  ) {
    this.#profile = profile
    this.#clock = clock
    this.#keepAlive = keepAlive
  }

  get size(): number {
    return this.#lines.size
  }

  add(connection: Connection): void {
    const { keepAliveSeconds, idleCloseSeconds, sendScStatus } = this.#profile
    const cancels: (() => void)[] = []
    if (keepAliveSeconds > 0 && sendScStatus !== 'never')
      cancels.push(
        this.#clock.after(keepAliveSeconds * 1000, () => {
          if (this.remove(connection)) this.#keepAlive(connection)
        }),
      )
    if (idleCloseSeconds > 0)
      cancels.push(this.#clock.after(idleCloseSeconds * 1000, () => this.#discard(connection)))
    this.#lines.set(connection, () => {
      for (const cancel of cancels) cancel()
    })
  }

  /** Takes one out for use. Those opened before `since` are of no use to whoever asks, and are closed. */
  take(since: Millis = Number.NEGATIVE_INFINITY): Connection | undefined {
    for (const connection of [...this.#lines.keys()]) {
      if (connection.openedAt < since) {
        this.#discard(connection)
        continue
      }
      this.remove(connection)
      return connection
    }
    return undefined
  }

  /** Whether it was there. */
  remove(connection: Connection): boolean {
    this.#lines.get(connection)?.()
    return this.#lines.delete(connection)
  }

  closeAll(): void {
    for (const connection of [...this.#lines.keys()]) this.#discard(connection)
  }

  #discard(connection: Connection): void {
    this.remove(connection)
    connection.close()
  }
}
